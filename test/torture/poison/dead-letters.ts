import type { RunningPlatform } from '@app/testing';
import type { LogObservation } from '../checker/evidence.js';
import { contentOf } from '../platform/log-observer.js';

/** The groups whose handlers open events, and so refuse what is not as it should be; the audit takes everything as it comes. */
export const strictGroups = ['search-indexer', 'address-notifications'] as const;
export type StrictGroup = (typeof strictGroups)[number];

/** An event that must become a dead letter in every strict group. */
export interface Expected {
  eventId: string;
  reason: RegExp;
  attempts: number;
  waitingBehind: number;
}

interface Parked {
  eventId: string;
  reason: string;
  attempts: number;
  waitingBehind: number;
  firstFailedAt: string | null;
  lastFailedAt: string | null;
}

interface Stored {
  message: { properties: Record<string, unknown> };
  body: string;
}

export const parkedIn = (running: RunningPlatform, group: StrictGroup): Promise<Parked[]> =>
  running.all<Parked>(group, '/admin/parked?limit=200');

/** What is wrong with a group's dead letters: each is expected, each expected one is there, as it was on the hub. */
export async function judgeDeadLetters(
  running: RunningPlatform,
  group: StrictGroup,
  expected: readonly Expected[],
  log: readonly LogObservation[],
): Promise<string[]> {
  const wrong: string[] = [];
  const parked = new Map((await parkedIn(running, group)).map((one) => [one.eventId, one]));
  const onTheHub = new Map(log.map(({ eventId, crc }) => [eventId, crc]));
  for (const { eventId, reason, attempts, waitingBehind } of expected) {
    const found = parked.get(eventId);
    parked.delete(eventId);
    if (!found) {
      wrong.push(`${group}: ${eventId} is no dead letter (${reason.source})`);
      continue;
    }
    const told = `${group}: ${eventId} (${found.reason})`;
    if (!reason.test(found.reason)) wrong.push(`${told} should say ${reason.source}`);
    if (found.attempts !== attempts) wrong.push(`${told} after ${found.attempts} attempts, not ${attempts}`);
    if (found.waitingBehind !== waitingBehind)
      wrong.push(`${told} has ${found.waitingBehind} behind it, not ${waitingBehind}`);
    if (!found.firstFailedAt || !found.lastFailedAt) wrong.push(`${told} does not say when it failed`);
    const stored = await running.get<Stored>(group, `/admin/parked/${eventId}`);
    if (contentOf(stored.message.properties, Buffer.from(stored.body, 'base64')) !== onTheHub.get(eventId))
      wrong.push(`${told} is not as it was on the hub`);
  }
  for (const { eventId, reason } of parked.values())
    wrong.push(`${group}: ${eventId} is a dead letter (${reason})`);
  return wrong;
}
