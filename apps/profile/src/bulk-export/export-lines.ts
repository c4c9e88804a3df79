import type { Customer } from '@app/contracts';
import { addressColumns, profileColumns } from '../domain/import-columns.js';
import { represented } from '../domain/representation.js';

export const exportFormats = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

interface Lines {
  type: string;
  /** In front of all. */
  head: string;
  lineOf: (customer: Customer) => string;
}

const cellsOf = (customer: Customer): string[] => {
  const home = customer.addresses.home;
  return [
    customer.accountNumber,
    ...Object.values(profileColumns).map((member) => customer[member] ?? ''),
    ...Object.values(addressColumns).map((member) => home?.[member] ?? ''),
  ];
};

/** RFC 4180 §2.5 to 2.7. An empty line would be no record, so the first cell, which is never empty, comes first. */
const quoted = (cell: string): string =>
  /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
const csvLine = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\n`;

/** NDJSON has all of a customer; CSV the columns that an import takes, and so the home address only. */
export const exportLines: Record<ExportFormat, Lines> = {
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    lineOf: (customer) => `${JSON.stringify(represented(customer))}\n`,
  },
  csv: {
    type: 'text/csv',
    head: csvLine(['account_number', ...Object.keys(profileColumns), ...Object.keys(addressColumns)]),
    lineOf: (customer) => csvLine(cellsOf(customer)),
  },
};
