import type { Addresses, CustomerInput } from '@app/contracts';

/** Members of a customer that a row may speak of, addresses aside. */
export const profileMembers = [
  'title',
  'givenName',
  'familyName',
  'email',
  'phone',
  'birthDate',
  'preferences',
] as const;

/** What a row says of a customer: only members that the file has; one that is there but undefined is taken away. */
export interface RowContent {
  accountNumber: string;
  members: Partial<Pick<CustomerInput, (typeof profileMembers)[number]>>;
  /** The kinds of address the row speaks of; one that is there but undefined is taken away. */
  addresses: Addresses;
}
