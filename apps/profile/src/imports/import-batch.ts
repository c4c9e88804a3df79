import type { EntityManager } from 'typeorm';
import { type KeyedCustomer, lockForChange } from '../customers/read-customers.sql.js';
import type { CustomerWriter } from '../customers/write-customers.sql.js';
import { erasedNumbers } from '../erasures/erased-numbers.sql.js';
import { eventOf } from '../domain/event.js';
import { type Fact, factsBetween } from '../domain/facts.js';
import { contentFor, type Refusal } from '../domain/import-row.js';
import type { RowContent } from '../domain/row-content.js';
import { draftsFor, keepDrafts } from './dry-run.sql.js';
import type { Import } from './import.entity.js';
import {
  accountNumbersOf,
  type Circumstances,
  type Draft,
  newDraft,
  type PreparedBatch,
} from './prepared-batch.js';
import type { NumberedRow } from './read-rows.js';
import { contradictions } from './said-before.js';

export type Outcome = 'added' | 'changed' | 'unchanged' | 'refused';

export interface BatchResult {
  counts: Record<Outcome, number>;
  refusals: { row: NumberedRow; refusal: Refusal }[];
}

/** What there is of the customers that a batch names. */
interface Ground {
  drafts: Map<string, Draft>;
  /** Account numbers of customers who have been erased. */
  erased: ReadonlySet<string>;
}

/** Somebody else created or changed one of the customers meanwhile: run the batch again. */
export class BatchOvertakenError extends Error {
  readonly code = 'BATCH_OVERTAKEN';
  readonly canRetry = true;
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
