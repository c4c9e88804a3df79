import { z } from 'zod';
import { plainText } from '../plain-text.js';

/** Plain text, trimmed. */
const text = (max: number) =>
  z
    .string()
    .meta({ maxLength: max })
    .transform((value) => value.trim())
    .pipe(plainText(max));

const required = (max: number) => text(max).pipe(z.string().min(1, 'must not be empty'));

/** ISO 3166-1 alpha-2 codes that are officially assigned. */
export const countryCodes = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
    'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO ' +
    'FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE ' +
    'JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO ' +
    'MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW ' +
    'PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM ' +
    'TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
  ).split(' '),
);

export const addressKinds = ['home', 'billing', 'shipping'] as const;
export type AddressKind = (typeof addressKinds)[number];

export const addressSchema = z.strictObject({
  line1: required(200),
  line2: text(200).optional(),
  city: required(100),
  region: text(100).optional(),
  postalCode: text(20).optional(),
  country: text(2).refine((code) => countryCodes.has(code), 'must be an ISO 3166-1 alpha-2 country code'),
});
export type Address = z.infer<typeof addressSchema>;

export const addressesSchema = z.strictObject({
  home: addressSchema.optional(),
  billing: addressSchema.optional(),
  shipping: addressSchema.optional(),
});
export type Addresses = z.infer<typeof addressesSchema>;

const birthDate = z.iso
  .date('must be a calendar date, YYYY-MM-DD')
  .refine(
    (value) => value >= '1800-01-01' && value <= new Date().toISOString().slice(0, 10),
    'must lie in the past',
  );

export const mostPreferences = 100;

/**
 * Free-form settings of the customer: short keys, scalar values, and no more of them than leaves every event of the
 * customer well below the 1 MiB of a message.
 */
export const preferencesSchema = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'must be a short name'),
    // JSON has a negative zero, PostgreSQL has not: it would differ from itself for ever.
    z.union([text(500), z.number().overwrite((value) => value + 0), z.boolean()]),
  )
  .refine(
    (preferences) => Object.keys(preferences).length <= mostPreferences,
    `must be at most ${mostPreferences} preferences`,
  );

export const consentSchema = z.strictObject({
  granted: z.boolean(),
  at: z.iso.datetime({ offset: true }),
  source: text(100).optional(),
  proof: text(1000).optional(),
});
export type Consent = z.infer<typeof consentSchema>;

/** The members a client may set: unknown ones are refused. */
export const customerInputSchema = z.strictObject({
  accountNumber: required(64),
  title: text(50).optional(),
  givenName: required(100),
  familyName: required(100),
  email: text(254).pipe(z.email('must be an e-mail address')).optional(),
  phone: text(40).optional(),
  birthDate: birthDate.optional(),
  addresses: addressesSchema.default({}),
  preferences: preferencesSchema.default({}),
});
export type CustomerInput = z.infer<typeof customerInputSchema>;

export const customerSchema = customerInputSchema.extend({
  id: z.uuid(),
  version: z.int().positive(),
  consents: z.record(z.string(), consentSchema),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
/** A customer as the REST API answers it and as `data.personal.current` carries it. */
export type Customer = z.infer<typeof customerSchema>;
