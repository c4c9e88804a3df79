import { type CustomerEvent, newPersonalDataKey } from '@app/contracts';
import { setImmediate as turn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { newId } from '../domain/new-id.js';
import { knownNumbers, type KeyedCustomer, lockForChange } from '../customers/read-customers.sql.js';
import type { CustomerWriter } from '../customers/write-customers.sql.js';
import { erasedNumbers } from '../erasures/erased-numbers.sql.js';
import { eventOf } from '../domain/event.js';
import { customerAdded, type Fact, factsBetween } from '../domain/facts.js';
import { contentFor, contentForNew, type Refusal, type RowContent } from '../domain/import-row.js';
import { draftsFor, keepDrafts } from './dry-run.sql.js';
import type { Import } from './import.entity.js';
import type { NumberedRow } from './read-rows.js';
import { contradictions } from './said-before.js';

/** About a millisecond's work. */
const sealedATurn = 25;

export type Outcome = 'added' | 'changed' | 'unchanged' | 'refused';

export interface BatchResult {
  counts: Record<Outcome, number>;
  refusals: { row: NumberedRow; refusal: Refusal }[];
}

/** Rows that are written together, and all that can be made of them before PostgreSQL is asked for its locks. */
export interface PreparedBatch {
  rows: readonly NumberedRow[];
  by: Circumstances;
  /** Of rows whose customer seemed not to be there: what each makes of a new one, by its number. */
  asNew: ReadonlyMap<number, Draft>;
}

/** What there is of the customers that a batch names. */
interface Ground {
  drafts: Map<string, Draft>;
  /** Account numbers of customers who have been erased. */
  erased: ReadonlySet<string>;
}

/** A customer as the batch has made it so far; without `fromVersion` it is new. */
interface Draft extends KeyedCustomer {
  fromVersion?: number;
  events: CustomerEvent[];
}

/** What all events of a batch have in common. */
interface Circumstances {
  at: string;
  traceparent: string | undefined;
}

/** Somebody else created or changed one of the customers meanwhile: run the batch again. */
export class BatchOvertakenError extends Error {
  readonly code = 'BATCH_OVERTAKEN';
  readonly canRetry = true;
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

/**
 * Applies rows in order, set-based, in the transaction of `manager`: at most one row a customer is written, every fact
 * of it is an event.
 * @throws {BatchOvertakenError}
 */
export async function applyBatch(
  manager: EntityManager,
  writer: CustomerWriter,
  { id, dryRun }: Pick<Import, 'id' | 'dryRun'>,
  { rows, by, asNew }: PreparedBatch,
): Promise<BatchResult> {
  const ground = await groundFor(manager, rows, (numbers) =>
    dryRun ? draftsFor(manager, id, numbers) : lockForChange(manager, numbers),
  );
  const contradicting = await contradictions(manager, id, rows, ground.drafts);
  const result: BatchResult = { counts: { added: 0, changed: 0, unchanged: 0, refused: 0 }, refusals: [] };
  for (const numbered of rows) {
    const { row, number, takenBefore } = numbered;
    const applied = (content: RowContent) =>
      takenBefore
        ? 'unchanged'
        : (contradicting.get(number) ?? applyRow(content, ground, by, asNew.get(number)));
    const outcome = row.success ? applied(row.content) : row.refusal;
    if (typeof outcome === 'string') {
      result.counts[outcome]++;
    } else {
      result.counts.refused++;
      result.refusals.push({ row: numbered, refusal: outcome });
    }
  }
  const drafts = [...ground.drafts.values()];
  if (dryRun)
    await keepDrafts(
      manager,
      id,
      drafts.filter(({ events }) => events.length > 0),
    );
  else await write(manager, writer, drafts);
  return result;
}

async function groundFor(
  manager: EntityManager,
  rows: readonly NumberedRow[],
  find: (accountNumbers: readonly string[]) => Promise<Map<string, KeyedCustomer>>,
): Promise<Ground> {
  const accountNumbers = accountNumbersOf(rows);
  const found = await find(accountNumbers);
  const unknown = accountNumbers.filter((number) => !found.has(number));
  return {
    drafts: new Map(
      [...found].map(([number, keyed]) => [
        number,
        { ...keyed, fromVersion: keyed.customer.version, events: [] },
      ]),
    ),
    erased: await erasedNumbers(manager, unknown),
  };
}

const accountNumbersOf = (rows: readonly NumberedRow[]): string[] =>
  rows.flatMap(({ row, takenBefore }) => (row.success && !takenBefore ? [row.content.accountNumber] : []));

function newDraft(row: RowContent, { at, traceparent }: Circumstances): Draft | Refusal {
  const content = contentForNew(row);
  if ('reason' in content) return content;
  const fact = customerAdded(newId(), content, at);
  const key = { own: newPersonalDataKey(), lent: [] };
  return { customer: fact.current, key, events: [eventOf(fact, key, traceparent)] };
}

function applyRow(
  row: RowContent,
  { drafts, erased }: Ground,
  by: Circumstances,
  asNew: Draft | undefined,
): Outcome | Refusal {
  const { at, traceparent } = by;
  const draft = drafts.get(row.accountNumber);
  if (!draft) {
    if (erased.has(row.accountNumber)) {
      return { column: 'account_number', reason: 'the customer with this account number has been erased' };
    }
    const added = asNew ?? newDraft(row, by);
    if ('reason' in added) return added;
    // A copy: the batch may have to be run again.
    drafts.set(row.accountNumber, { ...added, events: [...added.events] });
    return 'added';
  }
  if (draft.mergedInto !== undefined) {
    const reason = `the customer with this account number has been merged into ${draft.mergedInto}`;
    return { column: 'account_number', reason };
  }
  const facts = factsBetween(draft.customer, contentFor(row, draft.customer), at);
  for (const fact of facts) record(draft, fact, traceparent);
  return facts.length > 0 ? 'changed' : 'unchanged';
}

function record(draft: Draft, fact: Fact, traceparent: string | undefined): void {
  draft.customer = fact.current;
  draft.events.push(eventOf(fact, draft.key, traceparent));
}

async function write(
  manager: EntityManager,
  writer: CustomerWriter,
  drafts: readonly Draft[],
): Promise<void> {
  const added = drafts.flatMap((draft) =>
    draft.fromVersion === undefined ? [{ ...draft, key: draft.key.own }] : [],
  );
  const changed = drafts.flatMap((draft) =>
    draft.fromVersion !== undefined && draft.events.length > 0
      ? [{ ...draft, fromVersion: draft.fromVersion }]
      : [],
  );
  const inserted = added.length === 0 ? 0 : (await writer.insert(manager, added)).size;
  const updated = changed.length === 0 ? 0 : (await writer.update(manager, changed)).size;
  if (inserted !== added.length || updated !== changed.length) {
    throw new BatchOvertakenError('customers of this batch were written by somebody else at the same time');
  }
}
