import type { ReceivedEventData } from '@app/event-hubs';
import * as fc from 'fast-check';
import { type KeyRing, type PartitionDriver, received } from '@app/testing/consumer';
import { aTelling, storiesOf, tellAll, type Telling } from './history.js';
import type { Story } from './story.js';

/** How the log is read: batch sizes, where the reader breaks down and begins again, whether all is read once more. */
export interface Schedule {
  sizes: number[];
  /** The reader has gone so far, in tenths of the log, when another takes over from the saved position. */
  takeovers: number[];
  replayed: boolean;
}

/** So many tellings share a log, each with customers of its own, and are one case each. */
export const casesTogether = 20;

export const aCase = fc.record({
  tellings: fc.array(aTelling, { minLength: casesTogether, maxLength: casesTogether }),
  schedule: fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 6 }),
    takeovers: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
    replayed: fc.boolean(),
  }),
});

/** What was told, by customer; and the records of the log that told it. */
export interface Told {
  stories: Story[];
  log: ReceivedEventData[];
}

export function tellings(all: readonly Telling[], keys: KeyRing): Told {
  const told = all.map((telling) => {
    const stories = storiesOf(telling, keys);
    return { stories, events: tellAll(telling, stories) };
  });
  // Round and round: every batch has something of most cases.
  const events = [];
  for (let n = 0; told.some((one) => n < one.events.length); n++)
    for (const one of told) if (one.events[n]) events.push(one.events[n]);
  return {
    stories: told.flatMap(({ stories }) => stories),
    log: events.flatMap((event, index) => (event ? [received(event, index)] : [])),
  };
}

/** Reads the log as scheduled. */
export async function play(driver: PartitionDriver, log: readonly ReceivedEventData[], schedule: Schedule) {
  for (const tenths of schedule.takeovers.toSorted((a, b) => a - b))
    await driver.read(
      await driver.open(),
      log.slice(0, Math.ceil((log.length * tenths) / 10)),
      schedule.sizes,
    );
  await driver.read(await driver.open(), log, schedule.sizes);
  if (!schedule.replayed) return;
  await driver.replay(log.length - 1);
  await driver.read(await driver.open(), log, schedule.sizes.toReversed());
}
