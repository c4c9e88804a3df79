import { Logger } from '@nestjs/common';
import { seedOfRun } from '@app/testing';
import { breakNetwork, kinds } from './network/break-network.js';
import { wholeSystem } from './system/whole-system.js';
import { publish, sizeOf } from './support/runs.js';

const seed = seedOfRun();
const size = sizeOf({
  ci: { writes: 3_000, customers: 500, faults: 40 },
  full: { writes: 10_000, customers: 1_000, faults: 200 },
  soak: { writes: 500_000, customers: 20_000, faults: 10_000 },
});

describe('T10: the network between services, engine, PostgreSQL and profile breaks in every way', () => {
  it(
    `and everything goes on without a restart, with nothing lost (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const { faults, ...load } = size;
      const shoot = breakNetwork(faults);
      const platform = { brokenNetwork: true };
      const run = await wholeSystem({ name: 'T10 network', seed, ...load, shoot, platform });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures).toMatchObject({ 'network faults': faults, restarts: 0, left: '' });
      for (const kind of kinds) expect(run.figures[kind]).toBeGreaterThan(0);
      expect(run.figures['sent again']).toBeGreaterThan(0);
      expect(run.figures['writes/s before the first fault']).toBeGreaterThanOrEqual(100);
      expect(run.figures['ms to drain']).toBeLessThanOrEqual(60_000);
    },
    sizeOf({ ci: 600_000, full: 1_200_000, soak: 14_400_000 }),
  );
});
