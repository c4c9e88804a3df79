import { jest } from '@jest/globals';
import { crashStates } from './crashes.js';
import { seedOfRun } from '@app/testing';

// Nothing but processor time: on a slow machine it takes longer, and nothing is wrong.
jest.setTimeout(300_000);

const WANTED = Number(process.env['CRASH_STATES'] ?? 20_000);

describe('a power loss at any moment', () => {
  it(
    `loses nothing acknowledged and invents nothing, in ${WANTED} states`,
    async () => {
      const seed = seedOfRun();
      const { findings, ...counts } = await crashStates(seed, WANTED);
      expect({ findings, seed }).toEqual({ findings: [], seed });
      // A run in which little was at stake proves little.
      expect(counts.states).toBeGreaterThanOrEqual(WANTED);
      expect(counts.atStake).toBeGreaterThan(WANTED / 2);
      expect(counts.expired).toBeGreaterThan(WANTED / 10);
      expect(counts.duringRecovery).toBeGreaterThan(WANTED / 10);
    },
    // A bound on hanging alone: other specs may have both cores.
    Math.max(600_000, WANTED * 6),
  );

  it.each([1, 2, 3])('is noticed where acknowledgements come before the sync (seed %d)', async (seed) => {
    const { findings } = await crashStates(seed, 2_000, 'ack-before-sync');
    expect(findings).toEqual([expect.stringMatching(/acknowledged record|a log that cannot be read/)]);
  });

  it.each([
    ['expire-early', /acknowledged record/],
    ['expire-unnoted', /the begin went back|the first segment is missing/],
  ] as const)('is noticed with the bug %s in retention', async (sabotage, finding) => {
    const { findings } = await crashStates(1, 2_000, sabotage);
    expect(findings).toEqual([expect.stringMatching(finding)]);
  });
});
