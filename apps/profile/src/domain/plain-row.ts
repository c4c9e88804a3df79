import { type Addresses, countryCodes } from '@app/contracts';
import type { RowContent } from './row-content.js';

/** What a row says before it is checked: cells are trimmed, an optional member without a value is undefined. */
export interface RowCandidate {
  accountNumber: string | undefined;
  addresses?: { home: Record<string, string> | undefined };
  [member: string]: unknown;
}

type Check = (value: string) => boolean;

// oxlint-disable-next-line no-control-regex -- control characters are what is not plain; surrogates may stand alone
const odd = /[\u0000-\u001f\u007f\ud800-\udfff]/;
const text =
  (least: number, most: number): Check =>
  (value) =>
    value.length >= least && value.length <= most && !odd.test(value);

const address = /^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;
/** Days that every month has, of years that are past. */
const day = /^(18|19|200|201)\d+-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/;

const memberChecks: [string, Check, { required: boolean }][] = [
  ['title', text(0, 50), { required: false }],
  ['givenName', text(1, 100), { required: true }],
  ['familyName', text(1, 100), { required: true }],
  ['email', (value) => value.length <= 254 && address.test(value), { required: false }],
  ['phone', text(0, 40), { required: false }],
  ['birthDate', (value) => value.length === 10 && day.test(value), { required: false }],
];
const addressChecks: [string, Check, { required: boolean }][] = [
  ['line1', text(1, 200), { required: true }],
  ['line2', text(0, 200), { required: false }],
  ['city', text(1, 100), { required: true }],
  ['region', text(0, 100), { required: false }],
  ['postalCode', text(0, 20), { required: false }],
  ['country', (value) => countryCodes.has(value), { required: true }],
];
const accountNumber = text(1, 64);

/**
 * The content of a row that is right beyond doubt, as nearly all rows are, at a tenth of what the schema costs. Of any other
 * the schema says whether it is right, and what is wrong with it; undefined here.
 */
export function plainContent(candidate: RowCandidate): RowContent | undefined {
  const { accountNumber: number, addresses: { home } = {} } = candidate;
  if (number === undefined || !accountNumber(number)) return undefined;
  const members: Record<string, unknown> = {};
  for (const [name, check, { required }] of memberChecks) {
    if (!Object.hasOwn(candidate, name)) continue;
    const value = candidate[name];
    if (value === undefined ? required : typeof value !== 'string' || !check(value)) return undefined;
    members[name] = value;
  }
  if (home) {
    for (const [name, check, { required }] of addressChecks) {
      const value = home[name];
      if (value === undefined ? required : !check(value)) return undefined;
    }
  }
  return { accountNumber: number, members, addresses: (candidate.addresses ?? {}) as Addresses };
}
