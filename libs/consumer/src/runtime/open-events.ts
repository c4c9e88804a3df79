import { isEventType, kidOf, lendersOf, open, UnsealError, withLent } from '@app/contracts';
import { validate } from 'uuid';
import type { PersonalDataKey } from '../keys/key-source.js';

/**
 * What an event's data looks like to a handler that wants it opened:
 * - `sealed`: it has personal data under the key of customer `kid`
 * - `plain`: it has none to open
 * - `malformed`: it claims to have, in a form that no key opens
 */
export type Sealing =
  { form: 'sealed'; kid: string; jwe: string } | { form: 'plain' } | { form: 'malformed'; reason: string };

export function sealingOf(type: string, data: unknown): Sealing {
  if (typeof data !== 'object' || data === null) {
    return isEventType(type) ? { form: 'malformed', reason: 'data is not an object' } : { form: 'plain' };
  }
  const { personal } = data as { personal?: unknown };
  if (personal === undefined || personal === null) return { form: 'plain' };
  if (typeof personal !== 'string') return { form: 'malformed', reason: 'data.personal is not sealed' };
  try {
    const kid = kidOf(personal);
    return isCustomerId(kid)
      ? { form: 'sealed', kid, jwe: personal }
      : { form: 'malformed', reason: 'data.personal names no customer key' };
  } catch (error) {
    return {
      form: 'malformed',
      reason: error instanceof UnsealError ? error.message : 'data.personal is no JWE',
    };
  }
}

/**
 * Data as a handler sees it. Once the key is gone, `personal` is null and `erased` true.
 * @throws {UnsealError} when the key does not open it: the event was altered or sealed wrongly
 */
export function openData(data: object, jwe: string, key: PersonalDataKey): object {
  if (key.erased) return { ...data, personal: null, erased: true };
  const personal = open(jwe, key.key);
  if (lendersOf(personal).every(isCustomerId)) return { ...data, personal };
  throw new UnsealError('what was lent names no customer key');
}

/** Whose keys it takes besides: those of customers who were merged into this one. */
export function lendersTo(opened: unknown): string[] {
  const { personal } = (opened ?? {}) as { personal?: unknown };
  return lendersOf(personal);
}

/** Lays over what others lent, as long as they have not been erased. @throws {UnsealError} */
export function withLentData(opened: unknown, keys: ReadonlyMap<string, PersonalDataKey>): unknown {
  if (lendersTo(opened).length === 0) return opened;
  const data = opened as { personal: unknown };
  const keyOf = (kid: string): Uint8Array | undefined => {
    const key = keys.get(kid);
    return key === undefined || key.erased ? undefined : key.key;
  };
  return { ...data, personal: withLent(data.personal, keyOf) };
}

/** Key service and cache know ids in lower case only: in any other spelling the key would be waited for in vain. */
const isCustomerId = (kid: string): boolean => validate(kid) && kid === kid.toLowerCase();
