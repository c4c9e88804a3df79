import { customerSchema } from '@app/contracts';
import { pageOf } from '@app/service-defaults';
import { exampleInput } from './requests.js';

export const exampleCustomer = {
  id: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b',
  version: 3,
  ...exampleInput,
  consents: { marketing: { granted: true, at: '2026-01-31T09:30:00.000Z', source: 'web' } },
  createdAt: '2026-01-30T12:00:00.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
};

/** What a customer looks like in an answer. */
export const customerAnswer = customerSchema.meta({ examples: [exampleCustomer] });

export const customersAnswer = pageOf(customerSchema).meta({ examples: [{ items: [exampleCustomer] }] });
