import { Logger } from '@nestjs/common';
import type { Anomaly } from './checker/findings.js';
import { consumerSabotages, rebalancing } from './rebalance/rebalancing.js';
import { publish } from './support/runs.js';
import { seedOfRun } from '@app/testing';

const seed = seedOfRun();

/** What each bug shows as, of which one is enough. */
const shownAs: Record<(typeof consumerSabotages)[number], Anomaly[]> = {
  'no-epoch-check': ['stale-commit', 'checkpoint-back'],
  'dedupe-by-offset': ['effect-doubled'],
  'dedupe-outside-transaction': ['effect-missing'],
};

describe('T25: a bug of the consumer runtime', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it.each(consumerSabotages)(
    'is found by T11: %s',
    async (sabotage) => {
      const run = await rebalancing({ seed, sabotage, rebalances: 30, zombies: 6, drainMs: 5_000 });
      const { findings } = run;
      const found = findings.map(({ anomaly }) => anomaly);
      publish({ ...run, name: `T25 ${sabotage}`, figures: { 'found as': found.join(', ') }, findings: [] });
      expect(found.filter((anomaly) => shownAs[sabotage].includes(anomaly))).not.toEqual([]);
    },
    300_000,
  );
});
