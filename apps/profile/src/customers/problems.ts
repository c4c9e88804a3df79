import { Problem } from '@app/service-defaults';

export const customerNotFound = (id: string): Problem =>
  new Problem(404, 'customer-not-found', 'There is no such customer.', {
    detail: `No customer has the id ${id}.`,
  });

export const accountNumberTaken = (accountNumber: string): Problem =>
  new Problem(409, 'account-number-taken', 'Another customer has this account number.', {
    errors: [{ pointer: '/accountNumber', detail: `"${accountNumber}" is taken.` }],
  });

export const tooBusy = (): Problem =>
  new Problem(503, 'busy', 'Too many writes to this customer at once: try again.', {
    headers: { 'retry-after': '1' },
  });

export const tooManyWrites = (): Problem =>
  new Problem(503, 'busy', 'Too many writes at once: try again.', { headers: { 'retry-after': '1' } });

export const tooManyReads = (): Problem =>
  new Problem(503, 'busy', 'Too many reads at once: try again.', { headers: { 'retry-after': '1' } });
