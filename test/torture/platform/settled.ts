import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { consumerNames, type ServiceName } from './torture-platform.js';

interface ConsumerState {
  partitions: { lagEvents: number | null; sequenceNumber: number }[];
  retrying: number;
  parked: number;
}

/** What runs, and what it holds, as seen from outside. */
export interface Observed {
  /** The services' connection string of the hub. */
  readonly connectionString: string;
  /** Of an administrator. */
  readonly token: string;
  url(name: ServiceName): string;
  /** A superuser's connection to a service's database. */
  sql(service: ServiceName): Promise<Client>;
}

/**
 * Waits until every committed event is in the log and done with in every group.
 *
 * @returns how long that took, in milliseconds; when it takes longer than `timeoutMs`, what is still to be done
 */
export async function untilSettled(
  platform: Observed,
  timeoutMs: number,
): Promise<{ ms: number; left: string[] }> {
  const began = performance.now();
  const profile = await platform.sql('profile');
  for (;;) {
    const left = await leftToDo(platform, profile);
    const ms = performance.now() - began;
    if (left.length === 0 || ms > timeoutMs) return { ms, left };
    await delay(100);
  }
}

async function leftToDo(platform: Observed, profile: Client): Promise<string[]> {
  const { rows } = await profile.query<{ n: number }>('SELECT count(*)::int AS n FROM outbox');
  const left: string[] = [];
  const waiting = rows[0]?.n ?? -1;
  if (waiting !== 0) left.push(`${waiting} in the outbox`);
  const ends = new Map<string, number>();
  for (const name of consumerNames) {
    try {
      const { partitions, retrying, parked } = await stateOf(platform, name);
      const lag = partitions.reduce((sum, { lagEvents }) => sum + (lagEvents ?? Number.NaN), 0);
      if (lag !== 0) left.push(`${name} is ${lag} behind`);
      if (retrying + parked > 0) left.push(`${name} has ${retrying} retrying, ${parked} parked`);
      ends.set(
        name,
        partitions.reduce((sum, { sequenceNumber }) => sum + sequenceNumber + 1, 0),
      );
    } catch (error) {
      left.push(`${name} does not answer: ${String(error)}`);
    }
  }
  if (left.length === 0 && new Set(ends.values()).size > 1) left.push(`ends ${[...ends.values()].join(' ')}`);
  return left;
}

async function stateOf(platform: Observed, name: ServiceName): Promise<ConsumerState> {
  const response = await fetch(`${platform.url(name)}/admin/consumer`, {
    headers: { authorization: `Bearer ${platform.token}` },
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return (await response.json()) as ConsumerState;
}
