import { eventually } from '@app/testing';
import { LogObserver } from '../platform/log-observer.js';
import { rowsOf } from '../platform/rows.js';
import type { Crew } from './consumer-stage.js';

const patience = { timeoutMs: 120_000, intervalMs: 100 };

/** Waits until the crew has read all that the hub holds, retries nothing and has nothing left to write. */
export async function caughtUp(crew: Crew, { seen }: LogObserver, token: string): Promise<void> {
  await eventually(async () => {
    const rows = rowsOf(crew.sql);
    const left = (
      await rows<{ n: number }>(`SELECT count(*)::int AS n FROM set_aside_customer WHERE state = 'retrying'`)
    )[0]?.n;
    if (left !== 0) throw new Error(`${left} customers are being retried`);
    const [outbox] = await rows<{ there: boolean }>(`SELECT to_regclass('outbox') IS NOT NULL AS there`);
    if (outbox?.there) {
      const [{ n } = { n: -1 }] = await rows<{ n: number }>('SELECT count(*)::int AS n FROM outbox');
      if (n !== 0) throw new Error(`${n} events wait in the outbox`);
    }
    const ends = new Map<string, number>();
    for (const { partition, sequenceNumber } of seen)
      ends.set(partition, Math.max(sequenceNumber, ends.get(partition) ?? -1));
    const at = await rows<{ partition: string; at: number }>(
      'SELECT partition_id AS partition, sequence_number::float8 AS at FROM partition_position',
    );
    const behind = [...ends].filter(
      ([partition, end]) => at.find((one) => one.partition === partition)?.at !== end,
    );
    if (behind.length > 0)
      throw new Error(`partitions ${behind.map(([id]) => id).join(', ')} are not at their end`);
    const status = await admin<{ partitions: { lagEvents: number | null }[] }>(
      crew,
      token,
      '/admin/consumer',
    );
    const lag = status.partitions.reduce((sum, { lagEvents }) => sum + (lagEvents ?? Number.NaN), 0);
    if (lag !== 0) throw new Error(`${lag} events behind`);
    return true;
  }, patience);
}

/** Everything is read once more, by whichever process has taken the command. */
export async function beginReplay(crew: Crew, token: string): Promise<void> {
  await eventually(() => admin(crew, token, '/admin/replay', { from: 'earliest' }), patience);
}

async function admin<T>({ urls }: Crew, token: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${urls[0]}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
