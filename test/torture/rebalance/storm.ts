import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Process } from '../platform/process.js';
import type { Random } from '@app/testing';

export interface StormPlan {
  /** Times that a partition changes hands. */
  rebalances: number;
  /** Processes that stand still until others have taken all they had, and then go on. */
  zombies: number;
}

export interface Stormed extends StormPlan {
  kills: number;
}

const longestMs = 600_000;
/** How long a process stands still at most: a transaction in which it stopped is ended by PostgreSQL before. */
const standStillMs = 9_000;

/** Kills and stops workers until partitions have changed hands so often, and so many zombies have come back. */
export async function storm(
  workers: readonly Process[],
  sql: Client,
  plan: StormPlan,
  random: Random,
): Promise<Stormed> {
  const done: Stormed = { rebalances: 0, zombies: 0, kills: 0 };
  const until = performance.now() + longestMs;
  while ((done.zombies < plan.zombies || done.rebalances < plan.rebalances) && performance.now() < until) {
    // Half of the workers at once: the other half takes over.
    const [first, second] = shuffled(workers, random) as [Process, Process];
    await Promise.all([first.whenUp(), second.whenUp()]);
    await delay(random.between(100, 700));
    if (random.chance(0.4)) {
      first.signal('SIGKILL');
      done.kills++;
    } else if (await standStill(first, sql)) done.zombies++;
    if (random.chance(0.5) && (await standStill(second, sql))) done.zombies++;
    done.rebalances = await handovers(sql);
  }
  return done;
}

/** Answers whether it had partitions and others have them now. */
async function standStill(worker: Process, sql: Client): Promise<boolean> {
  const name = `${worker.name}.${worker.starts}`;
  const had = await held(sql, name);
  worker.signal('SIGSTOP');
  const until = performance.now() + standStillMs;
  let left = had;
  while (left > 0 && performance.now() < until) {
    await delay(100);
    left = await held(sql, name);
  }
  worker.signal('SIGCONT');
  return had > 0 && left === 0;
}

/** Partitions of which this process was the last to take the lease. */
async function held(sql: Client, writer: string): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (
       SELECT DISTINCT ON (partition_id) writer FROM torture_movement WHERE kind = 'leased'
        ORDER BY partition_id, n DESC) AS last WHERE writer = $1`,
    [writer],
  );
  return rows[0]?.n ?? 0;
}

async function handovers(sql: Client): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (
       SELECT writer, lag(writer) OVER (PARTITION BY partition_id ORDER BY n) AS before
         FROM torture_movement WHERE kind = 'leased') AS leases WHERE writer <> before`,
  );
  return rows[0]?.n ?? 0;
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const left = [...list];
  return Array.from({ length: list.length }, () => left.splice(random.below(left.length), 1)[0] as T);
}
