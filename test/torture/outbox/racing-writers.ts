import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { type CustomerEvent, partitionForKey } from '@app/contracts';
import type { OutboxWriter } from '@app/outbox';
import type { DataSource, QueryRunner } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { StoredCustomer } from '../checker/evidence.js';
import type { Random } from '@app/testing';

const writers = 16;
const hotCustomers = 8;

/** Transactions that take their outbox ids, dawdle, and commit in whatever order comes of it. */
export class RacingWriters {
  /** Commits that came after one of the same partition with higher ids: what a cursor over ids would skip. */
  races = 0;
  commits = 0;
  private readonly committedUpTo = new Map<number, bigint>();
  private readonly hot = Array.from({ length: hotCustomers }, () => randomUUID());

  constructor(
    private readonly source: DataSource,
    private readonly writer: OutboxWriter,
    private readonly partitionCount: number,
    private readonly onCommit: (subjects: readonly string[]) => void,
  ) {}

  /** Goes on until there have been so many races. */
  async run(races: number, random: Random): Promise<void> {
    await this.source.query('CREATE TABLE customer (id uuid PRIMARY KEY, version int NOT NULL)');
    await this.source.query('INSERT INTO customer SELECT unnest($1::uuid[]), 0', [this.hot]);
    const each = async (random: Random) => {
      while (this.races < races) await this.write(random);
    };
    await Promise.all(Array.from({ length: writers }, () => each(random.fork())));
  }

  async customers(): Promise<StoredCustomer[]> {
    const rows = await this.source.query<{ id: string; version: number }[]>(
      'SELECT id, version FROM customer',
    );
    return rows.map(({ id, version }) => ({ customer: id, id, version, tokens: [] }));
  }

  /** One customer a transaction: the row's lock orders its versions, as in the profile service. */
  private async write(random: Random): Promise<void> {
    const runner = this.source.createQueryRunner();
    try {
      const id = random.chance(0.25) ? random.pick(this.hot) : randomUUID();
      await runner.startTransaction();
      const taken = await this.append(runner, id, 1 + random.below(3));
      if (random.chance(0.8)) await delay(random.below(10));
      if (random.chance(0.05)) await runner.rollbackTransaction();
      else {
        await runner.commitTransaction();
        this.note(partitionForKey(id, this.partitionCount), taken);
        this.onCommit([id]);
      }
    } finally {
      await runner.release();
    }
  }

  /** Answers the last outbox id that was taken. */
  private async append(runner: QueryRunner, id: string, events: number): Promise<bigint> {
    const [{ version }] = (await runner.query(
      `INSERT INTO customer AS c VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET version = c.version + $2
       RETURNING version`,
      [id, events],
    )) as [{ version: number }];
    const facts = Array.from({ length: events }, (_, n): CustomerEvent<unknown> => ({
      id: uuidv7(),
      type: 'AddressChanged',
      source: '/profile',
      subject: id,
      customerversion: version - events + 1 + n,
      data: { changed: ['addresses.home'] },
    }));
    await this.writer.append(runner.manager, facts);
    const [{ last }] = (await runner.query(
      `SELECT currval(pg_get_serial_sequence('outbox', 'id')) AS last`,
    )) as [{ last: string }];
    return BigInt(last);
  }

  private note(partition: number, taken: bigint): void {
    this.commits++;
    const highest = this.committedUpTo.get(partition) ?? 0n;
    if (taken < highest) this.races++;
    else this.committedUpTo.set(partition, taken);
  }
}
