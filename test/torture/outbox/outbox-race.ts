import { openDatabase } from '@app/database';
import { OutboxRelay, OutboxTables1700000000300, OutboxWriter } from '@app/outbox';
import { eventually, Random, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { check } from '../checker/check.js';
import type { Run } from '../checker/report.js';
import type { EventHubsSender } from '@app/event-hubs';
import {
  type Cursor,
  type OutboxSabotage,
  sabotageSender,
  sabotageSource,
} from '../sabotage/outbox-sabotages.js';
import { MemoryLog } from './memory-log.js';
import { RacingWriters } from './racing-writers.js';

const partitionCount = 2;

export interface RaceOptions {
  seed: number;
  /** Commits in another order than their ids. */
  races: number;
  sabotage?: OutboxSabotage;
  /** How long the outbox may take to run empty after the last commit. */
  drainMs?: number;
}

/** T9: two relays, each with connections of its own, against transactions that commit out of order. */
export async function outboxRace({ seed, races, sabotage, drainMs = 30_000 }: RaceOptions): Promise<Run> {
  const random = new Random(seed);
  const database = await testDatabase();
  const sources: DataSource[] = [];
  const relays: OutboxRelay[] = [];
  const open = async () => {
    const source = await openDatabase(database.url, {
      migrations: [OutboxTables1700000000300],
      poolSize: 18,
      // Order is what is raced for here, not durability.
      connection: { options: '-c synchronous_commit=off' },
    });
    sources.push(source);
    return source;
  };
  try {
    const log = new MemoryLog(partitionCount);
    const cursor: Cursor = new Map();
    const source = await open();
    for (let n = 0; n < 2; n++) {
      const sender = sabotageSender(log, random.fork(), sabotage) as EventHubsSender;
      const relay = new OutboxRelay(sabotageSource(await open(), sabotage, cursor), sender, {
        partitionCount,
        pollIntervalMs: 20,
        batchSize: 50,
      });
      relays.push(relay);
      relay.start();
    }
    const writers = new RacingWriters(source, new OutboxWriter(partitionCount), partitionCount, (subjects) =>
      random.pick(relays).wake(random.chance(0.5) ? subjects : undefined),
    );
    await writers.run(races, random.fork());
    const stopped = performance.now();
    const left = await untilEmpty(source, drainMs);
    const figures = {
      commits: writers.commits,
      races: writers.races,
      records: log.records.length,
      'refused or unacknowledged sends': log.failures,
      'left in the outbox': left,
      'ms to drain': Math.round(performance.now() - stopped),
    };
    const findings = check({ database: await writers.customers(), log: log.records });
    return { name: 'T9 outbox commit order', seed, figures, findings };
  } finally {
    for (const relay of relays) await relay.stop();
    for (const source of sources) await source.destroy();
    await database.drop();
  }
}

/** What a sabotaged relay leaves behind is for the checker to tell. */
async function untilEmpty(source: DataSource, timeoutMs: number): Promise<number> {
  const left = async () => {
    const [row] = await source.query<{ n: number }[]>('SELECT count(*)::int AS n FROM outbox');
    return row?.n ?? -1;
  };
  await eventually(async () => (await left()) === 0, { timeoutMs }).catch(() => undefined);
  return left();
}
