import { Logger } from '@nestjs/common';
import type { Anomaly } from './checker/findings.js';
import { everyBreak } from './consumer/every-break.js';
import { consumerSabotages } from './sabotage/consumer-sabotages.mjs';
import { publish } from './support/runs.js';
import { seedOfRun } from '@app/testing';

const seed = seedOfRun();

describe('T25: a consumer that breaks at any statement, and one that goes on after it was replaced', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it(`has each effect once (SEED=${seed})`, async () => {
    const run = await everyBreak(seed);
    publish(run);
    expect(run.findings).toEqual([]);
    expect(run.figures['break points']).toBeGreaterThan(20);
    expect(run.figures['fenced']).toBeGreaterThan(20);
  }, 120_000);

  it.each<[sabotage: string, shownAs: Anomaly]>([
    ['no-epoch-check', 'checkpoint-back'],
    ['dedupe-by-offset', 'effect-doubled'],
    ['dedupe-outside-transaction', 'effect-missing'],
    ['checkpoint-before-commit', 'effect-missing'],
  ])(
    'shows the bug %s as %s',
    async (sabotage, anomaly) => {
      const { findings } = await everyBreak(seed, sabotage);
      expect(findings.map((finding) => finding.anomaly)).toContain(anomaly);
    },
    120_000,
  );

  it('has a case for each bug', () => expect(Object.keys(consumerSabotages)).toHaveLength(4));
});
