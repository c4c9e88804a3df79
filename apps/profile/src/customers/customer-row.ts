import type { Customer } from '@app/contracts';

/** A row of table `customer` as the driver hands it over. */
export interface CustomerRow {
  id: string;
  version: number;
  account_number: string;
  title: string | null;
  given_name: string;
  family_name: string;
  email: string | null;
  phone: string | null;
  birth_date: string | null;
  addresses: Customer['addresses'];
  preferences: Customer['preferences'];
  consents: Customer['consents'];
  created_at: Date;
  updated_at: Date;
}

/** The select list for `customer c`; a date is read as text, so that no time zone moves a birthday. */
export const customerColumns =
  'c.id, c.version, c.account_number, c.title, c.given_name, c.family_name, c.email, c.phone, ' +
  'c.birth_date::text AS birth_date, c.addresses, c.preferences, c.consents, c.created_at, c.updated_at';

export function customerOf(row: CustomerRow): Customer {
  return {
    id: row.id,
    version: row.version,
    accountNumber: row.account_number,
    ...(row.title === null ? {} : { title: row.title }),
    givenName: row.given_name,
    familyName: row.family_name,
    ...(row.email === null ? {} : { email: row.email }),
    ...(row.phone === null ? {} : { phone: row.phone }),
    ...(row.birth_date === null ? {} : { birthDate: row.birth_date }),
    addresses: row.addresses,
    preferences: row.preferences,
    consents: row.consents,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** Customers as one array a column, in the order of `columnTypes`: what `unnest` takes. */
export function customerArrays(customers: readonly Customer[]): unknown[][] {
  const column = (value: (customer: Customer) => unknown): unknown[] =>
    customers.map((c) => value(c) ?? null);
  return [
    column((c) => c.id),
    column((c) => c.version),
    column((c) => c.accountNumber),
    column((c) => c.title),
    column((c) => c.givenName),
    column((c) => c.familyName),
    column((c) => c.email),
    column((c) => c.phone),
    column((c) => c.birthDate),
    column((c) => JSON.stringify(c.addresses)),
    column((c) => JSON.stringify(c.preferences)),
    column((c) => JSON.stringify(c.consents)),
    column((c) => c.createdAt),
    column((c) => c.updatedAt),
  ];
}

export const columnNames = [
  'id',
  'version',
  'account_number',
  'title',
  'given_name',
  'family_name',
  'email',
  'phone',
  'birth_date',
  'addresses',
  'preferences',
  'consents',
  'created_at',
  'updated_at',
] as const;

export const columnTypes = [
  'uuid',
  'integer',
  'text',
  'text',
  'text',
  'text',
  'text',
  'text',
  'date',
  'jsonb',
  'jsonb',
  'jsonb',
  'timestamptz',
  'timestamptz',
] as const;

/** `unnest($1::uuid[], …) AS alias (id, …)` over the arrays of `customerArrays`, which are the first parameters. */
export function unnestCustomers(alias: string): string {
  const arrays = columnTypes.map((type, index) => `$${index + 1}::${type}[]`);
  return `unnest(${arrays.join(', ')}) AS ${alias} (${columnNames.join(', ')})`;
}
