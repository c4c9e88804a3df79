import type { Customer, CustomerEvent } from '@app/contracts';
import { type ArrayType, binaryArray, type PreparedStatement, queryPrepared } from '@app/database';
import { type OutboxRows, OutboxWriter } from '@app/outbox';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { currentActor } from '../history/actor.js';
import { numberDigest } from '../erasures/erased-numbers.sql.js';
import type { IdempotencyRecord } from '../idempotency/idempotency-records.sql.js';
import { columnNames, columnTypes, customerArrays, unnestCustomers } from './customer-row.js';

/** A customer that is to be added, the key of its own, and its CustomerAdded. */
export interface NewCustomer {
  customer: Customer;
  key: Buffer;
  events: CustomerEvent[];
  /** Whose doing it is, where several people's are written together; else that of the request at hand. */
  actor?: string;
  /** Where the client named a key to retry with. */
  record?: IdempotencyRecord | undefined;
}

/** A customer's new state, the version it was made from, and the events that lead to it. */
export interface ChangedCustomer {
  customer: Customer;
  fromVersion: number;
  events: CustomerEvent[];
  /** See {@link NewCustomer.actor}. */
  actor?: string;
}

interface Written {
  id: string;
}

const columns = columnNames.join(', ');
const first = columnNames.length + 1;

const outboxColumns = [
  ['partition_id', 'smallint'],
  ['event_id', 'uuid'],
  ['subject', 'text'],
  ['customerversion', 'integer'],
  ['attributes', 'jsonb'],
  ['body', 'text'],
] as const satisfies [keyof OutboxRows, ArrayType][];
const outboxNames = outboxColumns.map(([name]) => name).join(', ');

/** Of the parameters that `eventParameters` answers. */
const eventTypes = [...outboxColumns.map(([, type]) => type), 'jsonb', 'text'] as const;

/** From so many rows on, parameters go in binary: of a few it makes no difference. */
const manyRows = 50;

const wired = (types: readonly ArrayType[], values: unknown[][]): unknown[] =>
  (values[0]?.length ?? 0) < manyRows
    ? values
    : values.map((column, index) => binaryArray(types[index] ?? 'text', column));

const arrays = (parameter: number): string =>
  outboxColumns.map(([, type], index) => `$${parameter + index}::${type}[]`).join(', ');

/** The outbox rows whose customer was written; ids follow the order of the events. */
const publish = (written: string, parameter: number): string => `
  INSERT INTO outbox (${outboxNames})
  SELECT ${outboxNames}
  FROM unnest(${arrays(parameter)})
    WITH ORDINALITY AS event (${outboxNames}, position)
  JOIN ${written} ON ${written}.id = event.subject::uuid
  ORDER BY event.position`;

/** The same events in the customers' history, which outlives the outbox: paths of what changed, and who did it. */
const recordHistory = (written: string, parameter: number): string => `
  INSERT INTO customer_history (customer_id, version, event_id, type, at, actor, changed, data)
  SELECT id, customerversion, event_id, attributes->>'type', (attributes->>'time')::timestamptz,
         actor, changed,
         CASE WHEN attributes->>'type' <> 'CustomerAdded' THEN body::jsonb END
  FROM unnest(${arrays(parameter)}, $${parameter + outboxColumns.length}::jsonb[],
              $${parameter + outboxColumns.length + 1}::text[]) AS event (${outboxNames}, changed, actor)
  JOIN ${written} ON ${written}.id = event.subject::uuid`;

/** The records of the customers that have one, as `record (id, hash, sealed)`. */
const records = `unnest($1::uuid[], $${first + 9}::bytea[], $${first + 10}::text[]) AS record (id, hash, sealed)`;

/** Who retries adds nothing; who is quicker than this snapshot makes the primary key fail the statement. */
const notRemembered = `
  AND NOT EXISTS (SELECT FROM ${records} JOIN idempotency_record USING (hash) WHERE record.id = new.id)`;

const insertStatement = (remembered: boolean): PreparedStatement => ({
  name: remembered ? 'insert customers and records' : 'insert customers',
  text: `
WITH added AS (
  INSERT INTO customer (${columns})
  SELECT ${columns} FROM ${unnestCustomers('new')}
  WHERE NOT EXISTS (SELECT FROM erased_number WHERE digest = ${numberDigest('new.account_number')})
  ${remembered ? notRemembered : ''}
  ON CONFLICT (account_number) DO NOTHING
  RETURNING id
), keyed AS (
  INSERT INTO personal_data_key (customer_id, key)
  SELECT added.id, k.key FROM unnest($1::uuid[], $${first}::bytea[]) AS k (id, key) JOIN added USING (id)
), published AS (${publish('added', first + 1)}), recorded AS (${recordHistory('added', first + 1)})${
    remembered
      ? `, remembered AS (
  INSERT INTO idempotency_record (hash, customer_id, sealed)
  SELECT hash, id, sealed FROM ${records} JOIN added USING (id) WHERE hash IS NOT NULL)`
      : ''
  }
SELECT id FROM added`,
});
const insertOnly = insertStatement(false);
const insertRemembered = insertStatement(true);

/** Rows are locked in the order in which everybody locks several: nobody waits for another in a circle. */
const inOrder = `held AS (
  SELECT id FROM customer WHERE id = ANY ($1) ORDER BY account_number FOR NO KEY UPDATE
), `;

const updateStatement = (isOne: boolean): PreparedStatement => ({
  name: isOne ? 'update a customer' : 'update customers',
  text: `
WITH ${isOne ? '' : inOrder}changed AS (
  UPDATE customer SET ${columnNames
    .filter((name) => !['id', 'account_number', 'created_at'].includes(name))
    .map((name) => `${name} = new.${name}`)
    .join(', ')}
  FROM (SELECT new.*, old.version AS from_version
        FROM ${unnestCustomers('new')}
        JOIN unnest($1::uuid[], $${first}::integer[]) AS old (id, version) USING (id)${isOne ? '' : ' JOIN held USING (id)'}) AS new
  WHERE customer.id = new.id AND customer.version = new.from_version
  RETURNING customer.id
), published AS (${publish('changed', first + 1)}), recorded AS (${recordHistory('changed', first + 1)})
SELECT id FROM changed`,
});
const updateOne = updateStatement(true);
const updateSeveral = updateStatement(false);

/** Writes customers together with their events. */
@Injectable()
export class CustomerWriter {
  constructor(private readonly outbox: OutboxWriter) {}

  /**
   * Adds customers, their keys, their events and the records of their requests in one statement, so that all of one exist
   * or none; in the order of their account numbers, as everybody who writes several.
   * @returns the ids that were added; the others' account numbers were taken, belonged to somebody who was erased, or their
   * requests are remembered.
   */
  async insert(manager: EntityManager, customers: readonly NewCustomer[]): Promise<Set<string>> {
    const added = customers.toSorted(byAccountNumber);
    const types: ArrayType[] = [...columnTypes, 'bytea', ...eventTypes];
    const values: unknown[][] = [
      ...customerArrays(added.map((one) => one.customer)),
      added.map((one) => one.key),
      ...this.eventParameters(added),
    ];
    if (added.every((one) => !one.record))
      return idsOf(await queryPrepared(manager, insertOnly, wired(types, values)));
    values.push(
      added.map((one) => one.record?.hash ?? null),
      added.map((one) => one.record?.sealed ?? null),
    );
    types.push('bytea', 'text');
    return idsOf(await queryPrepared(manager, insertRemembered, wired(types, values)));
  }

  /**
   * Writes new states and their events in one statement. The row lock is taken before an outbox id is, so that one
   * customer's events have ids in the order of their versions.
   * @returns the ids that were written; the others had moved on from `fromVersion`.
   */
  async update(manager: EntityManager, changed: readonly ChangedCustomer[]): Promise<Set<string>> {
    const values = [
      ...customerArrays(changed.map((one) => one.customer)),
      changed.map((one) => one.fromVersion),
      ...this.eventParameters(changed),
    ];
    return idsOf(
      await queryPrepared<Written>(
        manager,
        changed.length === 1 ? updateOne : updateSeveral,
        wired([...columnTypes, 'integer', ...eventTypes], values),
      ),
    );
  }

  /** The events' columns, what changed in each, and whose doing all of it is. */
  private eventParameters(written: readonly { events: CustomerEvent[]; actor?: string }[]): unknown[][] {
    const events = written.flatMap((one) => one.events);
    const rows = this.outbox.rows(events);
    return [
      ...outboxColumns.map(([name]) => rows[name]),
      events.map(({ data }) => JSON.stringify(data.changed)),
      written.flatMap(({ events: its, actor }) => its.map(() => actor ?? currentActor())),
    ];
  }
}

const idsOf = (rows: Written[]): Set<string> => new Set(rows.map((row) => row.id));
const byAccountNumber = ({ customer: a }: NewCustomer, { customer: b }: NewCustomer): number =>
  a.accountNumber < b.accountNumber ? -1 : 1;
