import { Logger } from '@nestjs/common';
import { rebalancing } from './rebalance/rebalancing.js';
import { publish, sizeOf } from './support/runs.js';
import { seedOfRun } from '@app/testing';

const seed = seedOfRun();
const plan = sizeOf({
  ci: { rebalances: 100, zombies: 20 },
  full: { rebalances: 100, zombies: 20 },
  soak: { rebalances: 2_000, zombies: 400 },
});

describe('T11: partitions change hands, and who had them goes on', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it(
    `without a stale commit, a skip or an effect too many (SEED=${seed})`,
    async () => {
      const run = await rebalancing({ seed, ...plan });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures['rebalances']).toBeGreaterThanOrEqual(plan.rebalances);
      expect(run.figures['zombies']).toBeGreaterThanOrEqual(plan.zombies);
      expect(run.figures['sent again']).toBeGreaterThan(0);
      expect(run.figures['caught up']).toBe('true');
    },
    sizeOf({ ci: 700_000, full: 700_000, soak: 7_200_000 }),
  );
});
