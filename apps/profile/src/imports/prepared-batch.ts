import { setImmediate as turn } from 'node:timers/promises';
import { type CustomerEvent, newPersonalDataKey } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { knownNumbers, type KeyedCustomer } from '../customers/read-customers.sql.js';
import { eventOf } from '../domain/event.js';
import { customerAdded } from '../domain/facts.js';
import { contentForNew, type Refusal } from '../domain/import-row.js';
import type { RowContent } from '../domain/row-content.js';
import { newId } from '../domain/new-id.js';
import type { Import } from './import.entity.js';
import type { NumberedRow } from './read-rows.js';

/** About a millisecond's work. */
const sealedATurn = 25;

/** A customer as the batch has made it so far; without `fromVersion` it is new. */
export interface Draft extends KeyedCustomer {
  fromVersion?: number;
  events: CustomerEvent[];
}

/** What all events of a batch have in common. */
export interface Circumstances {
  at: string;
  traceparent: string | undefined;
}

/** Rows that are written together, and all that can be made of them before PostgreSQL is asked for its locks. */
export interface PreparedBatch {
  rows: readonly NumberedRow[];
  by: Circumstances;
  /** Of rows whose customer seemed not to be there: what each makes of a new one, by its number. */
  asNew: ReadonlyMap<number, Draft>;
}

/** Sealing costs most of a row: it is done here, while PostgreSQL writes the batch before. */
export async function prepareBatch(
  manager: EntityManager,
  { dryRun, traceparent }: Pick<Import, 'dryRun' | 'traceparent'>,
  rows: readonly NumberedRow[],
): Promise<PreparedBatch> {
  const by = { at: new Date().toISOString(), traceparent: traceparent ?? undefined };
  const asNew = new Map<number, Draft>();
  if (dryRun) return { rows, by, asNew };
  const met = await knownNumbers(manager, accountNumbersOf(rows));
  let sealed = 0;
  for (const { row, number, takenBefore } of rows) {
    if (!row.success || takenBefore || met.has(row.content.accountNumber)) continue;
    met.add(row.content.accountNumber);
    const draft = newDraft(row.content, by);
    if (!('reason' in draft)) asNew.set(number, draft);
    // The batch before this one waits for PostgreSQL's answers, and others for theirs.
    if (++sealed % sealedATurn === 0) await turn();
  }
  return { rows, by, asNew };
}

export function newDraft(row: RowContent, { at, traceparent }: Circumstances): Draft | Refusal {
  const content = contentForNew(row);
  if ('reason' in content) return content;
  const fact = customerAdded(newId(), content, at);
  const key = { own: newPersonalDataKey(), lent: [] };
  return { customer: fact.current, key, events: [eventOf(fact, key, traceparent)] };
}

export const accountNumbersOf = (rows: readonly NumberedRow[]): string[] =>
  rows.flatMap(({ row, takenBefore }) => (row.success && !takenBefore ? [row.content.accountNumber] : []));
