import type { Consent, Customer } from '@app/contracts';

/** As many purposes as leave every event of a customer well below the 1 MiB of a message. */
export const mostConsents = 50;

/** The customer would have a consent for more purposes than it may. */
export class TooManyConsentsError extends Error {
  readonly code = 'TOO_MANY_CONSENTS';
}

export type WishedConsent = Omit<Consent, 'at'> & { at?: string };

/**
 * The customer's consents with one given or withdrawn. What says the same as before, and no time of its own, is the consent
 * of before: asking twice is no second consent.
 * @throws {TooManyConsentsError}
 */
export function withConsent(
  current: Customer['consents'],
  purpose: string,
  { granted, at, source, proof }: WishedConsent,
  now: string,
): Customer['consents'] {
  const known = Object.hasOwn(current, purpose) ? current[purpose] : undefined;
  if (!known && Object.keys(current).length >= mostConsents) {
    throw new TooManyConsentsError(`a customer has consents for at most ${mostConsents} purposes`);
  }
  const same =
    known !== undefined && known.granted === granted && known.source === source && known.proof === proof;
  const time = at ?? (same ? known.at : now);
  return { ...current, [purpose]: withoutAbsent({ granted, at: time, source, proof }) };
}

function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
