import { eventually, type RunningPlatform } from '@app/testing';
import type { Client } from 'pg';
import type { LogObservation } from '../checker/evidence.js';
import type { LogObserver } from '../platform/log-observer.js';
import { type Expected, judgeDeadLetters, strictGroups } from './dead-letters.js';

const patience = { timeoutMs: 180_000, intervalMs: 250 };

/** What is wrong with the dead letters of all groups. */
export async function judge(
  running: RunningPlatform,
  expected: readonly Expected[],
  log: readonly LogObservation[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const group of strictGroups) wrong.push(...(await judgeDeadLetters(running, group, expected, log)));
  const inAudit = await running.all<{ eventId: string }>('audit', '/admin/parked');
  for (const { eventId } of inAudit) wrong.push(`audit: ${eventId} is a dead letter`);
  return wrong;
}

/** Each is noted with why and by whom. @param reason what was said */
export async function judgeDiscards(
  sql: Client,
  group: string,
  events: readonly Expected[],
  reason: string,
): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT event_id AS id FROM set_aside_end WHERE outcome = 'discarded' AND reason = $1 AND actor IS NOT NULL`,
    [reason],
  );
  const noted = new Set(rows.map(({ id }) => id));
  return events
    .filter(({ eventId }) => !noted.has(eventId))
    .map(({ eventId }) => `${group}: who discarded ${eventId}?`);
}

/** What waited, and what came meanwhile, has been handled in version order. */
export async function judgeOrder(
  notifications: Client,
  ids: readonly string[],
  count: number,
  { seen }: LogObserver,
): Promise<string[]> {
  const notices = () =>
    notifications.query<{ subject: string; id: string }>(
      `SELECT customer_id AS subject, event_id AS id FROM notification WHERE customer_id = ANY($1) ORDER BY id`,
      [ids],
    );
  await eventually(async () => (await notices()).rows.length >= count * ids.length, patience);
  const { rows } = await notices();
  await eventually(() => rows.every(({ id }) => seen.some(({ eventId }) => eventId === id)), patience);
  const versions = new Map(seen.map(({ eventId, version }) => [eventId, version]));
  return ids.flatMap((subject) => {
    const mine = rows.filter((row) => row.subject === subject).map(({ id }) => versions.get(id));
    const due = Array.from({ length: count }, (_, n) => n + 2);
    return mine.join() === due.join() ? [] : [`${subject} was noticed of ${mine.join()}, not ${due.join()}`];
  });
}
