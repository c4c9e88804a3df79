import type { Address } from '@app/contracts';

/** Columns of a CSV file, and the members of a customer that they are. */
export const profileColumns = {
  title: 'title',
  first_name: 'givenName',
  last_name: 'familyName',
  email: 'email',
  phone: 'phone',
  birth_date: 'birthDate',
} as const;

/** Columns of the home address. */
export const addressColumns = {
  address_line1: 'line1',
  address_line2: 'line2',
  city: 'city',
  region: 'region',
  postal_code: 'postalCode',
  country: 'country',
} as const satisfies Record<string, keyof Address>;

export const columnOfMember = new Map<string, string>(
  [
    ['account_number', 'accountNumber'],
    ...Object.entries(profileColumns),
    ...Object.entries(addressColumns),
  ].map(([column, member]) => [member ?? '', column ?? '']),
);

export const knownColumns: ReadonlySet<string> = new Set(columnOfMember.values());

/** A header line, understood. */
export interface ImportHeader {
  /** Our column for each of the file's; undefined for one that is passed over. */
  columns: readonly (string | undefined)[];
  /** The file's own name of one of our columns, to name in a report. */
  nameOf: (column: string) => string;
  constants: ReadonlyMap<string, string>;
}
