import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@app/testing';

const folder = join(workspaceRoot, '../shared/data');
export const customersFile = join(folder, 'customers.csv');
export const movesFile = join(folder, 'address-changes.csv');

/** The real files are not part of the project: scenarios that need them say so where they are absent. */
export const realCustomersAreHere = existsSync(customersFile) && existsSync(movesFile);

export type CsvRow = Record<string, string>;

/** The files' cells hold no line breaks, so lines are records; quotes are the only thing to mind. */
export function rowsOf(file: string): CsvRow[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/).map(cellsOf);
  return lines.map((cells) =>
    Object.fromEntries((header ?? []).map((column, index) => [column, cells[index] ?? ''])),
  );
}

function cellsOf(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map((match) => match[1] ?? '')
    .slice(0, line.endsWith(',') ? undefined : -1)
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell).trim());
}

const addressMembers: [string, string][] = [
  ['address_line1', 'line1'],
  ['address_line2', 'line2'],
  ['city', 'city'],
  ['region', 'region'],
  ['postal_code', 'postalCode'],
  ['country', 'country'],
];

const profileMembers: [string, string][] = [
  ['account_number', 'accountNumber'],
  ['title', 'title'],
  ['first_name', 'givenName'],
  ['last_name', 'familyName'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['birth_date', 'birthDate'],
];

const filled = (row: CsvRow, members: [string, string][]): Record<string, string> =>
  Object.fromEntries(members.flatMap(([column, member]) => (row[column] ? [[member, row[column]]] : [])));

export const addressOf = (row: CsvRow): Record<string, string> => filled(row, addressMembers);

/** What the API must answer for a row of customers.csv, apart from what it adds itself. */
export const customerOf = (row: CsvRow): Record<string, unknown> => ({
  ...filled(row, profileMembers),
  addresses: { home: addressOf(row) },
});

/** Where everyone lives after all moves, and how many moves changed anything, by account number. */
export function moved(
  customers: CsvRow[],
  moves: CsvRow[],
): Map<string, { home: Record<string, string>; changes: number }> {
  const state = new Map(
    customers.map((row) => [row['account_number'] ?? '', { home: addressOf(row), changes: 0 }]),
  );
  for (const move of moves) {
    const one = state.get(move['account_number'] ?? '');
    const home = addressOf(move);
    if (!one || JSON.stringify(home) === JSON.stringify(one.home)) continue;
    one.home = home;
    one.changes++;
  }
  return state;
}
