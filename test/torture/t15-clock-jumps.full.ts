import { Logger } from '@nestjs/common';
import { jumpClocks, jumpsOfRound } from './system/jump-clocks.js';
import { wholeSystem } from './system/whole-system.js';
import { publish, sizeOf } from './support/runs.js';
import { seedOfRun } from '@app/testing';

const seed = seedOfRun();
const size = sizeOf({
  ci: { writes: 3_000, customers: 500, rounds: 1 },
  full: { writes: 3_000, customers: 500, rounds: 1 },
  soak: { writes: 100_000, customers: 5_000, rounds: 30 },
});

/** Clocks of the processes of Node, and of PostgreSQL's SQL; no file system's. */
describe('T15: clocks jump an hour and a year, ahead and back', () => {
  it(
    `and nothing is lost, reordered or doubled, and nobody stands still (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const { rounds, ...load } = size;
      // A week is less than a year: what the clock alone makes old must not go.
      const platform = { clocks: true, brokerArgs: ['--retention-hours', '168'] };
      const shoot = jumpClocks(rounds);
      const run = await wholeSystem({ name: 'T15 clock jumps', seed, ...load, platform, shoot });
      publish(run);
      const { figures } = run;
      expect(run.findings).toEqual([]);
      expect(figures).toMatchObject({ 'clock jumps': rounds * jumpsOfRound, left: '' });
      expect(figures['starts by a wrong clock']).toBeGreaterThanOrEqual((rounds * jumpsOfRound) / 2);
      expect(figures['ms until every group had gone on']).toBeLessThanOrEqual(30_000);
      expect(figures['records of versions']).toBe(figures['versions']);
      expect(figures['writes/s before the first fault']).toBeGreaterThanOrEqual(100);
      expect(figures['ms to drain']).toBeLessThanOrEqual(30_000);
    },
    sizeOf({ ci: 900_000, full: 1_200_000, soak: 14_400_000 }),
  );
});
