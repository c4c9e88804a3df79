import { jest } from '@jest/globals';
import { History } from './history.js';
import { Random, seedOfRun } from '@app/testing';
import { SimulatedDisk, type Fault, type Operation } from './simulated-disk.js';
import type { Sabotage } from '../../src/file/sabotage.js';

// Nothing but processor time: on a slow machine it takes longer, and nothing is wrong.
jest.setTimeout(300_000);

const full = new Set<Operation>(['open', 'write', 'truncate', 'rename', 'datasync']);
const meets = (fault: Fault, operation: Operation): boolean => {
  if (fault === 'short') return operation === 'write';
  return fault === 'EIO' || full.has(operation);
};
const SIZES = [[40, 700], [900], [2_500], [30, 30, 30], [1_200], [5_000], [64], [800, 800]];

/** One run whose n-th fitting call meets a fault; answers whether there was such a call, and what is wrong. */
async function run(fault: Fault, sticky: boolean, nth: number, random: Random, sabotage?: Sabotage) {
  let disk = new SimulatedDisk();
  const findings: (string | undefined)[] = [];
  const history = History.empty({ ms: 20, bytes: 30_000 });
  let calls = 0;
  const faultFor = (operation: Operation): Fault | undefined => {
    if (!meets(fault, operation)) return undefined;
    calls++;
    return calls === nth || (sticky && calls > nth) ? fault : undefined;
  };
  for (let session = 0; session < 2; session++) {
    disk.faultFor = faultFor;
    // An engine that cannot open its log ends; the operator starts it again, on what the system remembers.
    const log = await history.openLog(disk, sabotage).catch(() => undefined);
    if (log !== undefined) {
      for (const sizes of SIZES) {
        await history.append(log, sizes);
        history.see(log);
        history.pass(4);
        await log.expire().catch(() => undefined); // nothing that must stay may be gone all the same
      }
      await log.close().catch(() => undefined);
    }
    if (disk.syncedAgain > 0) findings.push('a sync that had failed was tried again');
    disk = disk.afterKill();
  }
  for (let i = 0; i < 3; i++) findings.push(await history.copy().verify(disk.afterPowerLoss(random)));
  return {
    fired: calls >= nth, // else it was a clean run
    acknowledged: history.acknowledged,
    expired: history.hasExpired,
    findings: findings.filter((finding) => finding !== undefined),
  };
}

async function everyCall(fault: Fault, sticky: boolean, random: Random, sabotage?: Sabotage) {
  for (let nth = 1; ; nth++) {
    const { fired, ...result } = await run(fault, sticky, nth, random, sabotage);
    if (result.findings.length > 0 || !fired) return { nth, ...result };
  }
}

describe('an I/O error at every call of a run', () => {
  it.each([
    ['EIO', false, 150],
    ['EIO', true, 150],
    ['ENOSPC', false, 60],
    ['ENOSPC', true, 60],
    ['short', false, 30],
    ['short', true, 30],
  ] as const)('%s, for good: %s', async (fault, sticky, atLeast) => {
    const seed = seedOfRun();
    const { nth, findings, acknowledged, expired } = await everyCall(fault, sticky, new Random(seed));
    expect({ findings, nth, seed }).toEqual({ findings: [], nth, seed });
    expect(nth).toBeGreaterThan(atLeast);
    expect(acknowledged).toBe(2 * SIZES.flat().length); // the last run was a clean one
    expect(expired).toBe(true);
  });

  it.each([
    ['short', 'ignore-short-write', /acknowledged|cannot be read/],
    ['EIO', 'retry-sync', /a sync that had failed was tried again/],
  ] as const)('%s is noticed with the bug %s', async (fault, sabotage, finding) => {
    const { findings } = await everyCall(fault, false, new Random(1), sabotage);
    expect(findings[0]).toMatch(finding);
  });
});
