/** Why two customers may be one person. */
export type Reason =
  | { reason: 'same-email' | 'same-phone' | 'same-birth-date' }
  | { reason: 'similar-name' | 'similar-address'; similarity: number };

/** What two customers have in common. Similarities are those of pg_trgm, from 0 to 1. */
export interface Likeness {
  email: boolean;
  phone: boolean;
  /** Undefined where one of them has none. */
  birthDate: boolean | undefined;
  name: number;
  address: number;
}

/** From here on a name or an address is taken for the same one, spelt otherwise. */
export const similarName = 0.6;
export const similarAddress = 0.5;

/**
 * How likely two customers are one, from 0 to 1, and why; nothing where nothing speaks for it. An e-mail address or a
 * telephone number says it alone; a name only together with an address or a birth date, and an address never without the
 * name. Each reason leaves a part of the doubt; a household shares much, so that another birth date halves the score.
 */
export function judge({
  email,
  phone,
  birthDate,
  name,
  address,
}: Likeness): { score: number; reasons: Reason[] } | undefined {
  const named = name >= similarName;
  const housed = address >= similarAddress;
  if (!email && !phone && !(named && (housed || birthDate))) return undefined;
  const doubts: [boolean, Reason, number][] = [
    [email, { reason: 'same-email' }, 0.7],
    [phone, { reason: 'same-phone' }, 0.6],
    [named, { reason: 'similar-name', similarity: rounded(name) }, 0.6 * name],
    [housed, { reason: 'similar-address', similarity: rounded(address) }, 0.5 * address],
    [birthDate === true, { reason: 'same-birth-date' }, 0.4],
  ];
  const held = doubts.filter(([holds]) => holds);
  const doubt = held.reduce((left, [, , weight]) => left * (1 - weight), 1);
  const score = (1 - doubt) * (birthDate === false ? 0.5 : 1);
  return { score: rounded(score), reasons: held.map(([, reason]) => reason) };
}

const rounded = (number: number): number => Math.round(number * 100) / 100;
