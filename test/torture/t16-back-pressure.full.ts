import { Logger } from '@nestjs/common';
import { seedOfRun } from '@app/testing';
import { floodEngine } from './system/flood-engine.js';
import { floodProfile } from './system/flood-profile.js';
import { wholeSystem } from './system/whole-system.js';
import { publish, sizeOf } from './support/runs.js';

const seed = seedOfRun();
const hour = 3_600_000;
const size = sizeOf({
  ci: { writes: 3_000, customers: 500, importRows: 20_000, ms: 30_000 },
  full: { writes: 3_000, customers: 500, importRows: 20_000, ms: 30_000 },
  soak: { writes: 100_000, customers: 5_000, importRows: 500_000, ms: hour },
});
const quick = { events: 40_000, pauseMs: 0, handlerMs: 12_000 };
const flood = sizeOf({
  ci: quick,
  full: quick,
  soak: { events: 1_000_000, pauseMs: 5_800, handlerMs: 25_000 },
});
const nodeOptions = ['--max-old-space-size=256'];
const mostMib = 400;
const slopeMib = 1;

describe('T16: more comes than goes, and no process has more than 256 MiB of heap', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  const bounded = (figures: Readonly<Record<string, number | string>>) => {
    expect(figures).toMatchObject({ restarts: 0 });
    expect(figures['MiB at most']).toBeLessThanOrEqual(mostMib);
    if (size.ms >= hour) expect(figures['MiB/min steepest']).toBeLessThan(slopeMib);
  };

  it(
    `REST and an import flood profile while PostgreSQL is slow (SEED=${seed})`,
    async () => {
      const { writes, customers, importRows, ms } = size;
      const run = await wholeSystem({
        name: 'T16 flooded profile',
        seed,
        writes,
        customers,
        platform: { nodeOptions, env: { RATE_LIMIT_PER_SECOND: '60' } },
        shoot: floodProfile({ customers, importRows, ms }),
      });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures).toMatchObject({ 'rows imported': importRows, left: '' });
      expect(run.figures['refused by 429']).toBeGreaterThan(0);
      bounded(run.figures);
    },
    sizeOf({ ci: 900_000, full: 900_000, soak: 3 * hour }),
  );

  it(
    `an unmodified client floods the engine, ten times what a slow consumer takes (SEED=${seed})`,
    async () => {
      const run = await floodEngine({ seed, ...flood, nodeOptions });
      publish(run);
      const { figures } = run;
      expect(run.findings).toEqual([]);
      expect(figures).toMatchObject({ 'caught up': 'true', effects: flood.events });
      expect(figures['times as fast']).toBeGreaterThanOrEqual(10);
      bounded(figures);
    },
    sizeOf({ ci: 900_000, full: 900_000, soak: 3 * hour }),
  );
});
