import { isDeepStrictEqual } from 'node:util';
import { type Customer, type Lent, valuesOf } from '@app/contracts';

/** Whose each value of a customer is: the id of the survivor or of a duplicate, by path. */
export type Provenance = Record<string, string>;

export function provenanceOf(customer: Customer, lent: readonly Lent[]): Provenance {
  const ownerOf = ([path, value]: [string, unknown]): [string, string] => {
    const lender = lent.find(({ values }) => values.has(path) && isDeepStrictEqual(values.get(path), value));
    return [path, lender?.customerId ?? customer.id];
  };
  return Object.fromEntries([...valuesOf(customer)].map(ownerOf));
}
