import { Logger } from '@nestjs/common';
import { shootAtProcesses, wholeSystem } from './system/whole-system.js';
import { publish, sizeOf } from './support/runs.js';
import { seedOfRun } from '@app/testing';

const seed = seedOfRun();
const everyMs: [number, number] = [400, 1_600];
const size = sizeOf({
  ci: { writes: 10_000, customers: 1_000, kills: 30, stops: 6 },
  full: { writes: 30_000, customers: 2_000, kills: 60, stops: 12 },
  soak: { writes: 2_000_000, customers: 100_000, kills: 1_000, stops: 200 },
});

describe('T4: every process of the platform is killed, over and over', () => {
  it(
    `loses nothing, reorders nothing and doubles nothing (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const { writes, customers, ...faults } = size;
      const shoot = shootAtProcesses({ ...faults, everyMs });
      const run = await wholeSystem({ name: 'T4 whole system', seed, writes, customers, shoot });
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
