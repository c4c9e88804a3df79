import type { EntityManager } from 'typeorm';

/**
 * How an erased customer's account number is remembered: salted, so that neither a look at the table nor a copy of it
 * elsewhere says who was here. `number` is an SQL expression of type text.
 */
export const numberDigest = (number: string): string =>
  `sha256((SELECT salt FROM erased_number_salt) || convert_to(${number}, 'UTF8'))`;

/** Those of the account numbers whose customers have been erased: nobody is made under them again. */
export async function erasedNumbers(
  manager: EntityManager,
  accountNumbers: readonly string[],
): Promise<Set<string>> {
  if (accountNumbers.length === 0) return new Set();
  const rows = await manager.query<{ number: string }[]>(
    `SELECT number FROM unnest($1::text[]) AS number
       JOIN erased_number ON digest = ${numberDigest('number')}`,
    [accountNumbers],
  );
  return new Set(rows.map(({ number }) => number));
}
