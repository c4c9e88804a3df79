import type { OpenAll } from '@app/consumer';
import type { Sql } from '../sql.js';
import { type AuditEntryDto, dtoOf } from './audit-entry.dto.js';
import { listEntries } from './list-entries.js';

const mostEntries = 5_000;

/** For an export: the entries of a customer, oldest first, what is sealed in them opened. */
export async function heldEntries(
  sql: Sql,
  customerId: string,
  open: OpenAll,
): Promise<{ entries: AuditEntryDto[]; more?: true }> {
  const found = await listEntries(sql, { customerId, after: undefined, limit: mostEntries + 1 });
  const entries = found.slice(0, mostEntries).map(dtoOf);
  const opened = await open(entries.map(({ type, data }) => ({ type, data })));
  return {
    entries: entries.map((entry, index) =>
      'data' in entry ? Object.assign(entry, { data: opened[index] }) : entry,
    ),
    ...(found.length > mostEntries ? { more: true } : {}),
  };
}
