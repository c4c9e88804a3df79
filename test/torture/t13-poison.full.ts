import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { seedOfRun, workspaceRoot } from '@app/testing';
import { poison } from './poison/poison.js';
import { publish, sizeOf } from './support/runs.js';
import { wholeSystem } from './system/whole-system.js';

const seed = seedOfRun();
const size = sizeOf({
  ci: { writes: 2_000, customers: 500, poisoned: 5, baseline: 700 },
  full: { writes: 12_000, customers: 1_000, poisoned: 20, baseline: 4_000 },
  soak: { writes: 300_000, customers: 20_000, poisoned: 500, baseline: 100_000 },
});
/** What a commit may take to its effect, at the most: below it, nobody counts what is twice as much. */
const promisedMs = 150;

describe('T13: poison, one event in a hundred', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it(
    `becomes dead letters, holds up nobody else, and is redriven in order (SEED=${seed})`,
    async () => {
      const { poisoned, baseline, ...load } = size;
      const run = await wholeSystem({
        name: 'T13 poison',
        seed,
        ...load,
        writers: 8,
        ...poison({ poisoned, baseline }),
      });
      publish(run);
      expect(run.findings).toEqual([]);
      expect(run.figures).toMatchObject({ wrong: '', left: '', restarts: 0 });
      expect(run.figures['bad events']).toBeGreaterThanOrEqual(baseline / 100);
      for (const when of ['before', 'with poison'])
        expect(run.figures[`others’ notices ${when}`]).toBeGreaterThanOrEqual(baseline / 10);
      const most = Math.max(2 * Number(run.figures['p99 before, ms']), promisedMs);
      expect(run.figures['p99 with poison, ms']).toBeLessThanOrEqual(most);
    },
    sizeOf({ ci: 600_000, full: 900_000, soak: 7_200_000 }),
  );

  it('shows the bug dead-letter-drops-headers', async () => {
    const preload = join(workspaceRoot, 'test/torture/sabotage/preload.mjs');
    const env = { NODE_OPTIONS: `--import ${preload}`, TORTURE_SABOTAGE: 'dead-letter-drops-headers' };
    const small = { writes: 100, customers: 100, writers: 4 };
    const plan = poison({ poisoned: 2, baseline: 200 });
    const run = await wholeSystem({ name: 'T13 sabotage', seed, ...small, ...plan, platform: { env } });
    const { wrong } = run.figures;
    publish({
      ...run,
      name: 'T13 dead-letter-drops-headers',
      figures: { 'found as': String(wrong) },
      findings: [],
    });
    expect(wrong).toMatch('is not as it was on the hub');
  }, 600_000);
});
