import type { FoundCustomer } from '../domain/search-document.js';
import type { Sql } from '../sql.js';

/** @returns the customers of these ids, in the ids' order; one that has left the search meanwhile is missing. */
export async function customersOf(sql: Sql, ids: string[]): Promise<FoundCustomer[]> {
  const rows = await sql.query<{ found: string }[]>(
    `SELECT found FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
       JOIN search_customer USING (id) WHERE found IS NOT NULL ORDER BY place`,
    [ids],
  );
  return rows.map(parse);
}

/** Every customer that the filters leave, by id. @param tsQuery '' for all. @param after the id a page ended with. */
export async function listCustomers(
  sql: Sql,
  { tsQuery, after, limit }: { tsQuery: string; after: string | undefined; limit: number },
): Promise<FoundCustomer[]> {
  const rows = await sql.query<{ found: string }[]>(
    `SELECT found FROM search_customer
      WHERE found IS NOT NULL ${tsQuery ? 'AND words @@ $3::tsquery' : ''} AND id > $1
      ORDER BY id LIMIT $2`,
    [after ?? '00000000-0000-0000-0000-000000000000', limit, ...(tsQuery ? [tsQuery] : [])],
  );
  return rows.map(parse);
}

const parse = ({ found }: { found: string }): FoundCustomer => JSON.parse(found) as FoundCustomer;
