import { duplicateMember } from '@app/service-defaults';
import {
  type AddressKind,
  type Addresses,
  addressesSchema,
  type Customer,
  customerInputSchema,
} from '@app/contracts';
import type { CustomerContent } from './facts.js';
import { addressColumns, columnOfMember, type ImportHeader, profileColumns } from './import-columns.js';
import { plainContent, type RowCandidate } from './plain-row.js';
import { profileMembers, type RowContent } from './row-content.js';

/** Why a row is not taken: `column` is the CSV column or the JSON member, where one is to blame. */
export interface Refusal {
  column?: string;
  reason: string;
}

export type Row =
  | { success: true; content: RowContent }
  /** `accountNumber`: whose row it seems to be, as far as it can be read. */
  | { success: false; refusal: Refusal; accountNumber?: string };

const rowSchema = customerInputSchema
  .partial({ givenName: true, familyName: true })
  .extend({ addresses: addressesSchema.optional() });

/** One CSV record as what it says of a customer. */
export function rowOfRecord({ columns, constants }: ImportHeader, record: readonly string[]): Row {
  if (record.length !== columns.length) {
    return refused(undefined, `has ${record.length} columns where the header has ${columns.length}`);
  }
  const cells = new Map<string, string>(constants);
  columns.forEach((column, index) => {
    if (column !== undefined) cells.set(column, (record[index] ?? '').trim());
  });
  const candidate: RowCandidate = { accountNumber: cells.get('account_number') };
  for (const [column, member] of profileEntries) {
    const optional = member !== 'givenName' && member !== 'familyName';
    if (cells.has(column)) candidate[member] = optional ? cells.get(column) || undefined : cells.get(column);
  }
  const home: Record<string, string> = {};
  let [speaksOfAddress, saysSomething] = [false, false];
  for (const [column, member] of addressEntries) {
    const cell = cells.get(column);
    speaksOfAddress ||= cell !== undefined;
    if (!cell) continue;
    home[member] = cell;
    saysSomething = true;
  }
  if (speaksOfAddress) {
    const there = saysSomething || onlyOfAddress(cells);
    candidate.addresses = { home: there ? home : undefined };
  }
  const content = plainContent(candidate);
  if (content) return { success: true, content };
  return checked(candidate, (path) => columnOfMember.get(String(path.at(-1))) ?? path.join('.'));
}

const profileEntries = Object.entries(profileColumns);
const addressEntries = Object.entries(addressColumns);

const onlyOfAddress = (cells: ReadonlyMap<string, string>): boolean =>
  [...cells.keys()].every((column) => column in addressColumns || column === 'account_number');

/** The report keeps no name as long as a line, and none that PostgreSQL cannot keep. */
const tellable = /^[\w.-]{1,100}$/;

/** One NDJSON line as what it says of a customer. */
export function rowOfJson(line: string): Row {
  let candidate: unknown;
  try {
    candidate = JSON.parse(line);
  } catch {
    // The parser's message quotes the line, which is about a person.
    return refused(undefined, 'is not JSON');
  }
  const twice = duplicateMember(line);
  if (twice !== undefined) {
    const name = twice.slice(1).replaceAll('/', '.');
    return refused(tellable.test(name) ? name : undefined, 'has a member twice');
  }
  return checked(candidate, (path) => path.join('.'));
}

function checked(candidate: unknown, columnOf: (path: PropertyKey[]) => string): Row {
  const { success, data, error } = rowSchema.safeParse(candidate);
  if (!success) {
    const issue = error.issues[0];
    const column = issue && issue.path.length > 0 ? columnOf(issue.path) : undefined;
    const number = (candidate as { accountNumber?: unknown } | null)?.accountNumber;
    return {
      ...refused(column, issue?.message ?? 'is not valid'),
      ...(typeof number === 'string' && number.length <= 200 && { accountNumber: number.trim() }),
    };
  }
  const given = candidate as Record<string, unknown>;
  const members = Object.fromEntries(
    profileMembers.filter((member) => Object.hasOwn(given, member)).map((member) => [member, data[member]]),
  );
  const kinds = Object.keys(given['addresses'] ?? {}) as AddressKind[];
  const addresses: Addresses = Object.fromEntries(kinds.map((kind) => [kind, data.addresses?.[kind]]));
  return { success: true, content: { accountNumber: data.accountNumber, members, addresses } };
}

const refused = (column: string | undefined, reason: string): Row => ({
  success: false,
  refusal: { ...(column === undefined ? {} : { column }), reason },
});

/** What the row makes of the customer it names. */
export function contentFor(row: RowContent, current: Customer): CustomerContent {
  return { ...current, ...row.members, addresses: { ...current.addresses, ...row.addresses } };
}

/** The new customer a row describes, or why it does not describe one. */
export function contentForNew(row: RowContent): CustomerContent | Refusal {
  const { givenName, familyName, preferences, ...members } = row.members;
  if (givenName === undefined || familyName === undefined) {
    return { column: 'account_number', reason: 'no customer has this account number' };
  }
  const there = Object.entries(row.addresses).filter(([, address]) => address !== undefined);
  return {
    accountNumber: row.accountNumber,
    givenName,
    familyName,
    ...members,
    addresses: Object.fromEntries(there),
    preferences: preferences ?? {},
    consents: {},
  };
}
