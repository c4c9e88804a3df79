import { Logger } from '@nestjs/common';
import { wholeSystem, type WholeSystemSize } from './system/whole-system.js';
import { publish, sizeOf } from './support/runs.js';
import { seedOfRun } from './support/random.js';

const seed = seedOfRun();
const size = sizeOf<WholeSystemSize>({
  ci: { writes: 10_000, customers: 1_000, kills: 30, stops: 6, everyMs: [400, 1_600] },
  full: { writes: 30_000, customers: 2_000, kills: 60, stops: 12, everyMs: [400, 1_600] },
  soak: { writes: 2_000_000, customers: 100_000, kills: 1_000, stops: 200, everyMs: [1_000, 5_000] },
});

describe('T4: every process of the platform is killed, over and over', () => {
  it(
    `loses nothing, reorders nothing and doubles nothing (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const run = await wholeSystem(seed, size);
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures).toMatchObject({ kills: size.kills, stops: size.stops, left: '' });
      expect(run.figures['writes']).toBeGreaterThanOrEqual(size.writes);
      expect(run.figures['writes/s before the first fault']).toBeGreaterThanOrEqual(100);
      expect(run.figures['ms to drain']).toBeLessThanOrEqual(30_000);
    },
    sizeOf({ ci: 600_000, full: 900_000, soak: 7_200_000 }),
  );
});
