import { Logger } from '@nestjs/common';
import { seedOfRun } from '@app/testing';
import { stormConsumer } from './any-consumer/storm-consumer.js';
import { publish, sizeOf } from './support/runs.js';

const seed = seedOfRun();
const consumer = process.env['TORTURE_CONSUMER'] ?? '';
const bug = process.env['TORTURE_BUG'];
const plan = sizeOf({
  ci: { events: 600, kills: 6, stops: 2, cuts: 3 },
  full: { events: 2_000, kills: 20, stops: 4, cuts: 8 },
  soak: { events: 200_000, kills: 1_000, stops: 200, cuts: 400 },
});
const timeoutMs = sizeOf({ ci: 300_000, full: 600_000, soak: 7_200_000 });

describe(`${consumer} under faults`, () => {
  beforeAll(() => Logger.overrideLogger(false));

  it(
    `loses, doubles and reorders nothing (SEED=${seed})`,
    async () => {
      const run = await stormConsumer({
        consumer,
        seed,
        ...plan,
        ...(bug !== undefined && { sabotage: bug }),
      });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures['kills']).toBeGreaterThanOrEqual(plan.kills);
      expect(run.figures['connections ended']).toBeGreaterThanOrEqual(plan.cuts);
      expect(run.figures['sent again']).toBeGreaterThan(0);
      // A consumer that takes nothing proves nothing.
      expect(run.figures['let through by its filters']).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  if (bug !== undefined) return;

  it(
    `would be found out if it wrote outside its transaction (SEED=${seed})`,
    async () => {
      const sabotage = 'effects-outside-transaction';
      const few = { events: 600, kills: 6, stops: 0, cuts: 2 };
      const { findings, ...run } = await stormConsumer({ consumer, seed, sabotage, ...few });
      const found = findings.map(({ anomaly, count }) => `${anomaly} ${count}`).join(', ');
      publish({ ...run, figures: { 'found out': found }, findings: [] });
      expect(findings.map(({ anomaly }) => anomaly)).toContain('effect-outside');
    },
    timeoutMs,
  );
});
