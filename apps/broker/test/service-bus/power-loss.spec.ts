import { jest } from '@jest/globals';
import { VirtualClock } from '@app/clock';
import { Random, seedOfRun } from '@app/testing';
import { SimulatedDisk } from '../../../../libs/partition-log/test-support/simulation/simulated-disk.js';
import { Commands, Expected, openBus } from './simulated-commands.js';

// Nothing but processor time: on a slow machine it takes longer, and nothing is wrong.
jest.setTimeout(300_000);

/** As `libs/partition-log` does for events; `CRASH_STATES=` makes it longer. */
const WANTED = Number(process.env['CRASH_STATES'] ?? 20_000) / 20;
/** Of the moments of a run, which is long enough for the journal to be made shorter. */
const STATES_A_MOMENT = 0.3;
const STEPS = 250;

interface Report {
  states: number;
  atStake: number;
  compactions: number;
  findings: string[];
}

async function crash(seed: number, wanted: number): Promise<Report> {
  const random = new Random(seed);
  const report: Report = { states: 0, atStake: 0, compactions: 0, findings: [] };
  for (let run = 0; report.states < wanted && report.findings.length === 0; run++) {
    const disk = new SimulatedDisk();
    const clock = new VirtualClock(1_000);
    const expected = new Expected();
    const left: { disk: SimulatedDisk; expected: Expected }[] = [];
    disk.onChange = () => {
      if (!random.chance(STATES_A_MOMENT)) return;
      const found = random.chance(0.2) ? disk.afterKill() : disk.afterPowerLoss(random);
      left.push({ disk: found, expected: expected.copy() });
    };
    const bus = await openBus(disk, clock);
    const commands = new Commands(bus, expected, random, `r${run}`);
    let begin = 0;
    for (let i = 0; i < STEPS; i++) {
      await commands.step();
      const now = bus.journal.end - bus.journal.bytes;
      if (now > begin) report.compactions++;
      begin = now;
    }
    await bus.close();
    for (const state of left) {
      report.states++;
      if (state.expected.atStake > 0) report.atStake++;
      const again = await openBus(state.disk, new VirtualClock(1_000));
      const wrong = await state.expected.verify(again);
      await again.close();
      if (wrong === undefined) continue;
      report.findings.push(wrong);
      break;
    }
  }
  return report;
}

describe('a power loss at any moment, under commands', () => {
  it(
    `loses no message, lock, count or deferral that was acknowledged, and invents none, in ${WANTED} states`,
    async () => {
      const seed = seedOfRun();
      const { findings, ...counts } = await crash(seed, WANTED);
      expect({ findings, seed }).toEqual({ findings: [], seed });
      // A run in which little was at stake proves little.
      expect(counts.states).toBeGreaterThanOrEqual(WANTED);
      expect(counts.atStake).toBeGreaterThan(WANTED / 2);
      expect(counts.compactions).toBeGreaterThan(0);
    },
    Math.max(300_000, WANTED * 60),
  );
});
