import { jest } from '@jest/globals';
import { corruptions } from './corruption.js';
import { Random, seedOfRun } from '@app/testing';

// Nothing but processor time: on a slow machine it takes longer, and nothing is wrong.
jest.setTimeout(300_000);

const WANTED = Number(process.env['CORRUPTIONS'] ?? 4_000);

describe('corruption at rest', () => {
  it(
    `is refused by name or without effect, in ${WANTED} damaged copies`,
    async () => {
      const seed = seedOfRun();
      const { findings, ...counts } = await corruptions(new Random(seed), WANTED);
      expect({ findings, seed }).toEqual({ findings: [], seed });
      expect(counts.mutations).toBeGreaterThanOrEqual(WANTED);
      // Damage that nobody would notice anyway proves little.
      expect(counts.refused).toBeGreaterThan(WANTED / 4);
      expect(counts.healed).toBeGreaterThan(WANTED / 4);
      expect(counts.cut).toBeGreaterThan(WANTED / 100);
    },
    Math.max(600_000, WANTED * 10),
  );

  it.each([
    ['skip-checksum', /bad bytes served|is said to be/],
    ['cut-acknowledged', /cut off at \d+, vouched to/],
  ] as const)('is noticed with the bug %s', async (sabotage, finding) => {
    const { findings } = await corruptions(new Random(1), 2_000, sabotage);
    expect(findings).toEqual([expect.stringMatching(finding)]);
  });
});
