import { addressKinds, addressSchema, customerInputSchema, plainText } from '@app/contracts';
import { pageLimit } from '@app/service-defaults';
import { z } from 'zod';

/** Ids are UUIDs in any case; we keep and answer them in lower case. */
export const idParam = z.uuid('the id must be a UUID').toLowerCase();

export const kindParam = z.enum(addressKinds, {
  error: `the kind must be one of ${addressKinds.join(', ')}`,
});

export const accountNumberParam = customerInputSchema.shape.accountNumber;

export const exampleInput = {
  accountNumber: 'AW00011000',
  title: 'Dr',
  givenName: 'Zoë',
  familyName: 'Yáñez',
  email: 'zoe@example.com',
  phone: '+47 22 22 55 55',
  birthDate: '1990-02-28',
  addresses: { home: { line1: '1 Harbour Street', city: 'Bergen', postalCode: '5003', country: 'NO' } },
  preferences: { language: 'nb' },
};
const { accountNumber: _, ...exampleReplacement } = exampleInput;

export const createBody = customerInputSchema.meta({ examples: [exampleInput] });

/** The number may be left out of the body: it stands in the URL. */
export const putBody = customerInputSchema
  .extend({ accountNumber: accountNumberParam.optional() })
  .meta({ examples: [exampleReplacement] });

export const addressBody = addressSchema.meta({ examples: [exampleInput.addresses.home] });

/** A merge patch says what it changes; what comes of it is checked as a whole. */
export const patchBody = z
  .record(z.string(), z.unknown())
  .meta({ examples: [{ familyName: 'Lovelace', title: null, addresses: { home: { city: 'Oslo' } } }] });

/** A point in time, in UTC; PostgreSQL knows fewer offsets than RFC 3339, and no year 0. */
const pointInTime = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-31T00:00:00Z' })
  .transform((text) => new Date(text))
  .refine((time) => time.getUTCFullYear() >= 1, 'must be a time such as 2026-01-31T00:00:00Z')
  .transform((time) => time.toISOString());

export const listQuery = z.strictObject({
  accountNumber: plainText(64).optional(),
  email: plainText(254).optional(),
  updatedSince: pointInTime.optional(),
  limit: pageLimit(50),
  cursor: plainText(200).optional(),
});
export type ListQuery = z.infer<typeof listQuery>;
