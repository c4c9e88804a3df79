import type { Customer } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { customerColumns, customerOf, type CustomerRow } from '../customers/customer-row.js';

/** A customer who may be the same person, with the similarities of pg_trgm. */
export interface Candidate {
  customer: Customer;
  name: number;
  address: number;
}

/** Looked at for each reason: an answer costs the same however many share an e-mail address. */
const mostOfAReason = 200;

/** Merged and erased ones are nobody's duplicates. */
export async function findCandidates(manager: EntityManager, customer: Customer): Promise<Candidate[]> {
  const { id, email = null, phone = null, givenName, familyName, addresses } = customer;
  const rows = await manager.query<(CustomerRow & { name: number; address: number })[]>(
    `WITH wanted AS (
       SELECT customer_name_key($4, $5) AS name, customer_address_key($6::jsonb) AS address
     ), found AS (
       (SELECT id FROM customer WHERE lower(email) = lower($2) AND merged_into IS NULL LIMIT $7::integer)
       UNION
       (SELECT id FROM customer
         WHERE customer_phone_key(phone) = customer_phone_key($3) AND phone IS NOT NULL AND merged_into IS NULL LIMIT $7::integer)
       UNION
       SELECT alike.id FROM wanted, customers_of_similar_name(wanted.name, wanted.address, $7::integer) AS alike (id)
     )
     SELECT ${customerColumns}, similarity(customer_name_key(c.given_name, c.family_name), wanted.name) AS name,
            coalesce(similarity(nullif(customer_address_key(c.addresses), ''), nullif(wanted.address, '')), 0) AS address
       FROM wanted, found JOIN customer c USING (id)
      WHERE c.id <> $1`,
    [id, email, phone, givenName, familyName, JSON.stringify(addresses), mostOfAReason],
  );
  return rows.map((row) => ({ customer: customerOf(row), name: row.name, address: row.address }));
}
