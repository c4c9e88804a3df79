import type { Customer } from '@app/contracts';
import { haveSamePhone } from './same-phone.js';

const of = (phone?: string, country?: string): Customer =>
  ({ phone, addresses: country ? { home: { line1: '1', city: 'X', country } } : {} }) as unknown as Customer;

it.each([
  ['+47 22 22 55 55', undefined, '22225555', 'NO', true],
  ['0047 22225555', 'NO', '22 22 55 55', 'NO', true],
  ['(212) 555-0162', 'US', '+1 212 555 0162', undefined, true],
  ['020 7946 0018', 'GB', '+44 20 7946 0018 ext. 7', 'GB', true],
  ['22225555', 'NO', '22225555', 'DK', false],
  ['1 (11) 500 555-0162', undefined, '1115005550162', undefined, true],
  ['555 0100', undefined, '555 0101', undefined, false],
  [undefined, 'NO', undefined, 'NO', false],
])('%s in %s and %s in %s: %s', (one, here, other, there, same) => {
  expect(haveSamePhone(of(one, here), of(other, there))).toBe(same);
});
