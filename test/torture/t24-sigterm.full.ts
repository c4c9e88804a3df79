import { Logger } from '@nestjs/common';
import { seedOfRun } from '@app/testing';
import { ctrlC } from './shutdown/ctrl-c.js';
import { terminateEach } from './shutdown/terminate-each.js';
import { wholeSystem } from './system/whole-system.js';
import { publish, sizeOf } from './support/runs.js';

const seed = seedOfRun();
const size = sizeOf({
  ci: { writes: 2_000, customers: 500, rounds: 1, times: 1 },
  full: { writes: 10_000, customers: 1_000, rounds: 5, times: 3 },
  soak: { writes: 200_000, customers: 10_000, rounds: 100, times: 50 },
});

describe('T24: every process is told to end while it has work', () => {
  it(
    `and ends in time and in order, with every request answered that it had taken (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const { rounds, writes, customers } = size;
      const load = { writes, customers };
      const run = await wholeSystem({ name: 'T24 SIGTERM', seed, ...load, shoot: terminateEach(rounds) });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures).toMatchObject({
        signals: rounds * 6,
        'exits with code 0': rounds * 6,
        'failed of them': '',
        'cut short': '',
        left: '',
      });
      expect(run.figures['slowest exit, ms']).toBeLessThanOrEqual(10_000);
      expect(run.figures['requests at a signal']).toBeGreaterThanOrEqual(rounds * 12);
      expect(run.figures['writes/s before the first fault']).toBeGreaterThanOrEqual(100);
      expect(run.figures['ms to drain']).toBeLessThanOrEqual(30_000);
    },
    sizeOf({ ci: 600_000, full: 900_000, soak: 7_200_000 }),
  );

  it(
    `and so does all that npm start runs, at a Ctrl-C (SEED=${seed})`,
    async () => {
      const { times, customers } = size;
      const run = await ctrlC({ seed, writes: 500, customers, times });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures).toMatchObject({
        'exits with code 0': times,
        'failed of them': '',
        'cut short': '',
        left: '',
      });
      expect(run.figures['slowest exit, ms']).toBeLessThanOrEqual(10_000);
      expect(run.figures['requests at a signal']).toBeGreaterThanOrEqual(times);
    },
    sizeOf({ ci: 600_000, full: 900_000, soak: 7_200_000 }),
  );
});
