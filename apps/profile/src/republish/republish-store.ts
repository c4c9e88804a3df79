import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { remember } from '../idempotency/idempotency-records.sql.js';
import type { KeyedRequest, StoredAnswer } from '../idempotency/keyed-request.js';

export interface Republish {
  id: string;
  status: 'running' | 'completed';
  changedSince: Date | null;
  /** Written so far, one a customer. */
  events: number;
  createdAt: Date;
  completedAt: Date | null;
}

export const begunAnswer = (begun: Republish) =>
  ({
    status: 202,
    headers: { location: `/v1/admin/republish/${begun.id}` },
    body: begun,
  }) satisfies StoredAnswer;

/** A republication under way, held for one batch. */
export interface HeldRepublish {
  id: string;
  changed_since: Date | null;
  last_customer: string;
  created_at: Date;
}

const columns = `id, status, changed_since AS "changedSince", events, created_at AS "createdAt", completed_at AS "completedAt"`;

@Injectable()
export class RepublishStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The one that is begun now; undefined while another runs. */
  async begin(
    manager: EntityManager,
    changedSince: Date | undefined,
    keyed: KeyedRequest | undefined,
  ): Promise<Republish | undefined> {
    const [row] = await manager.query<Republish[]>(
      `INSERT INTO republish (id, changed_since) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING ${columns}`,
      [uuidv7(), changedSince ?? null],
    );
    if (row) await remember(manager, keyed, begunAnswer(row), []);
    return row;
  }

  async find(id: string): Promise<Republish | undefined> {
    const [row] = await this.dataSource.query<Republish[]>(`SELECT ${columns} FROM republish WHERE id = $1`, [
      id,
    ]);
    return row;
  }

  async running(): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM republish WHERE status = 'running'`,
    );
    return row?.id;
  }

  /** Whether so many events wait for the relay already that more would only fill the table. */
  async isOutboxFull(most: number): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>('SELECT FROM outbox OFFSET $1 LIMIT 1', [most]);
    return rows.length > 0;
  }
}

/** Takes the republication for this transaction; another replica passes it by. */
export async function holdRepublish(manager: EntityManager): Promise<HeldRepublish | undefined> {
  const [row] = await manager.query<HeldRepublish[]>(
    `SELECT id, changed_since, last_customer, created_at FROM republish
      WHERE status = 'running' FOR UPDATE SKIP LOCKED`,
  );
  return row;
}

/** The ids of the next customers; those that came later have told of themselves. Clocks may differ by a minute. */
export async function nextCustomers(
  manager: EntityManager,
  { changed_since, last_customer, created_at }: HeldRepublish,
  limit: number,
): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT id FROM customer
      WHERE id > $1 AND merged_into IS NULL AND created_at <= $2::timestamptz + interval '1 minute' AND ($3::timestamptz IS NULL OR updated_at >= $3)
      ORDER BY id LIMIT $4`,
    [last_customer, created_at, changed_since, limit],
  );
  return rows.map(({ id }) => id);
}

export async function moveOn(
  manager: EntityManager,
  id: string,
  { last, events }: { last: string | undefined; events: number },
): Promise<void> {
  await manager.query(
    `UPDATE republish
        SET last_customer = coalesce($2::uuid, last_customer), events = events + $3,
            status = CASE WHEN $2::uuid IS NULL THEN 'completed' ELSE status END,
            completed_at = CASE WHEN $2::uuid IS NULL THEN clock_timestamp() END
      WHERE id = $1`,
    [id, last ?? null, events],
  );
}
