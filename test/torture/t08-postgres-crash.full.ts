import { Logger } from '@nestjs/common';
import { crashPostgres } from './system/crash-postgres.js';
import { wholeSystem } from './system/whole-system.js';
import { publish, sizeOf } from './support/runs.js';
import { seedOfRun } from '@app/testing';

const seed = seedOfRun();
const size = sizeOf({
  ci: { writes: 3_000, customers: 500, crashes: 5 },
  full: { writes: 3_000, customers: 500, crashes: 5 },
  soak: { writes: 100_000, customers: 5_000, crashes: 100 },
});

describe('T8: PostgreSQL crashes, drops its clients, and lets nobody in', () => {
  it(
    `and nothing that was acknowledged is lost (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const { crashes, ...load } = size;
      const shoot = crashPostgres(crashes);
      const run = await wholeSystem({ name: 'T8 PostgreSQL crashes', seed, ...load, shoot });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures).toMatchObject({
        'PostgreSQL crashes': crashes,
        'times without connections': crashes,
        restarts: 0,
        left: '',
      });
      expect(run.figures['connections dropped']).toBeGreaterThan(crashes * 10);
      expect(run.figures['writes/s before the first fault']).toBeGreaterThanOrEqual(100);
      expect(run.figures['ms to drain']).toBeLessThanOrEqual(30_000);
    },
    sizeOf({ ci: 600_000, full: 600_000, soak: 7_200_000 }),
  );
});
