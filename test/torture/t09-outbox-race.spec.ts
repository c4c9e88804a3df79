import { Logger } from '@nestjs/common';
import { outboxRace } from './outbox/outbox-race.js';
import { outboxSabotages } from './sabotage/outbox-sabotages.js';
import { publish, sizeOf } from './support/runs.js';
import { seedOfRun } from '@app/testing';

const seed = seedOfRun();
const races = sizeOf({ ci: 5_000, full: 5_000, soak: 100_000 });

describe('T9: outbox rows that are committed in another order than their ids', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it(`come to the log complete and in order, ${races} times (SEED=${seed})`, async () => {
    const run = await outboxRace({ seed, races });
    publish(run);
    expect(run.findings).toEqual([]);
    expect(run.figures['races']).toBeGreaterThanOrEqual(races);
    expect(run.figures['left in the outbox']).toBe(0);
    expect(run.figures['refused or unacknowledged sends']).toBeGreaterThan(races / 100);
  }, 600_000);

  it.each([
    ['id-greater-than-last', 'record-missing'],
    ['published-before-ack', 'record-missing'],
    ['parallel-in-flight', 'reordered'],
  ] as const)(
    'show the bug %s as %s',
    async (sabotage, anomaly) => {
      const run = await outboxRace({ seed, races: 200, sabotage, drainMs: 2_000 });
      expect(run.findings.map((finding) => finding.anomaly)).toContain(anomaly);
    },
    60_000,
  );

  it('has a case for each bug', () => expect(outboxSabotages).toHaveLength(3));
});
