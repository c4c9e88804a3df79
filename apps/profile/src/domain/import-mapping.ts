import { plainText } from '@app/contracts';
import { z } from 'zod';
import { type ImportHeader, knownColumns } from './import-columns.js';

const cell = plainText(500).trim().min(1);
const column = z.string().refine((name) => knownColumns.has(name), {
  error: `must be one of ${[...knownColumns].join(', ')}`,
});

/** How the columns of another system's CSV become ours: a small file beside the data. */
export const importMapping = z.strictObject({
  /** Ours by theirs; null passes one over. A column that is not named keeps its name. */
  columns: z.record(cell, column.nullable()).default({}),
  /** What every row has in one of our columns that the file lacks. */
  constants: z.record(column, cell).default({}),
  /** What becomes of columns that neither we nor the mapping know. */
  otherColumns: z.enum(['refuse', 'ignore']).default('refuse'),
  delimiter: z.enum([',', ';', '\t', '|']).default(','),
});
export type ImportMapping = z.infer<typeof importMapping>;

export const noMapping: ImportMapping = importMapping.parse({});

/** The report of refused rows has these in front: it is imported again as it is. */
export const reportColumns = ['import_line', 'import_column', 'import_reason'] as const;

/** The header of a file cannot be used: the message names the column. */
export class HeaderRefusedError extends Error {
  readonly code = 'HEADER_REFUSED';
}

/** @throws {HeaderRefusedError} */
export function headerOf(names: readonly string[], mapping: ImportMapping): ImportHeader {
  const absent = Object.keys(mapping.columns).find((name) => !names.includes(name));
  if (absent !== undefined) throw refused(absent, 'is named by the mapping, but not in the header');
  const columns = names.map((name) => ourColumn(name, mapping));
  columns.forEach((column, index) => {
    if (column === undefined) return;
    const name = names[index] as string;
    if (columns.indexOf(column) !== index) {
      throw refused(
        name,
        name === column ? 'stands in the header twice' : `is ${column}, like another column`,
      );
    }
    if (Object.hasOwn(mapping.constants, column)) throw refused(name, 'is a constant of the mapping, too');
  });
  if (!columns.includes('account_number')) throw refused('account_number', 'is missing in the header');
  return {
    columns,
    nameOf: (column) => names[columns.indexOf(column)] ?? column,
    constants: new Map(Object.entries(mapping.constants)),
  };
}

function ourColumn(name: string, { columns, otherColumns }: ImportMapping): string | undefined {
  if (Object.hasOwn(columns, name)) return columns[name] ?? undefined;
  if (knownColumns.has(name)) return name;
  if (otherColumns === 'ignore' || reportColumns.some((column) => column === name)) return undefined;
  throw refused(name, `is not a column we know: ${[...knownColumns].join(', ')}`);
}

const refused = (column: string, reason: string): HeaderRefusedError =>
  new HeaderRefusedError(`the column "${column}" ${reason}`);
