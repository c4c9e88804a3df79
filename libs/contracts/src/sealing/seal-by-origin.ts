import { isDeepStrictEqual } from 'node:util';
import { atPaths, type Values, valuesOf, withValues } from '../customer/paths.js';
import type { Customer } from '../customer/customer.js';
import type { Personal } from '../events/cloud-event.js';
import { kidOf, open, seal, UnsealError } from './sealed-personal.js';

/** What a customer has of another who was merged into it: sealed under that one's key wherever it is told. */
export interface Lent {
  customerId: string;
  key: Buffer;
  values: Values;
}

/** All that a customer's personal data is sealed with. */
export interface SealingKey {
  own: Buffer;
  lent: readonly Lent[];
}

/** What a lender's own JWE holds: parts, laid over the rest by whoever may open it. */
interface LentPart {
  current: Partial<Customer>;
  previous: Partial<Customer>;
}

/** `personal` as it is sealed: what others lent is left out, and lies beside it, sealed once more. */
type SealedPersonal = Personal & { lent?: string[] };

/**
 * Seals under the customer's key; values that came from a merged duplicate are sealed under the duplicate's within, so
 * that the end of either key takes with it what is its own.
 */
export function sealByOrigin(personal: Personal, kid: string, { own, lent }: SealingKey): string {
  if (lent.length === 0) return seal(personal, kid, own);
  let left = personal;
  const parts: string[] = [];
  for (const { customerId, key, values } of lent) {
    const theirs = { current: sharedBy(left.current, values), previous: sharedBy(left.previous, values) };
    if (theirs.current.size + theirs.previous.size === 0) continue;
    const part: LentPart = { current: atPaths(theirs.current), previous: atPaths(theirs.previous) };
    parts.push(seal(part, customerId, key));
    left = {
      current: withValues(left.current, absent(theirs.current)),
      previous: withValues(left.previous, absent(theirs.previous)),
    };
  }
  const sealed: SealedPersonal = parts.length === 0 ? left : { ...left, lent: parts };
  return seal(sealed, kid, own);
}

/** Whose keys it takes besides to see the whole of an opened `personal`. @throws {UnsealError} */
export function lendersOf(personal: unknown): string[] {
  return lentOf(personal).map(kidOf);
}

/**
 * Lays what others lent over the rest; of a lender who has been erased nothing is left.
 * @param keyOf undefined once the key is gone. @throws {UnsealError}
 */
export function withLent(personal: unknown, keyOf: (kid: string) => Uint8Array | undefined): unknown {
  const parts = lentOf(personal);
  if (parts.length === 0) return personal;
  const { lent: _lent, ...rest } = personal as SealedPersonal;
  return parts.reduce((whole: Personal, jwe) => {
    const key = keyOf(kidOf(jwe));
    if (!key) return whole;
    const part = open(jwe, key) as LentPart;
    return {
      current: withValues(whole.current, valuesOf(part.current)),
      previous: withValues(whole.previous, valuesOf(part.previous)),
    };
  }, rest);
}

function lentOf(personal: unknown): string[] {
  const { lent = [] } = (personal ?? {}) as { lent?: unknown };
  if (Array.isArray(lent) && lent.every((jwe) => typeof jwe === 'string')) return lent;
  throw new UnsealError('what was lent is not a list of compact JWEs');
}

function sharedBy(part: Partial<Customer>, lent: Values): Values {
  return new Map([...valuesOf(part)].filter(([path, value]) => isDeepStrictEqual(value, lent.get(path))));
}

const absent = (values: Values): Values => new Map([...values.keys()].map((path) => [path, undefined]));
