import type { Sabotage } from '../../src/file/sabotage.js';
import { History } from './history.js';
import type { FilePartitionLog } from '../../src/file/file-partition-log.js';
import type { Retention } from '../../src/retention.js';
import { Random } from '@app/testing';
import { SimulatedDisk } from './simulated-disk.js';

export interface CrashReport {
  states: number;
  /** Of those, the ones in which an acknowledged record was at stake. */
  atStake: number;
  /** Of those, the ones in which retention had removed something. */
  expired: number;
  /** Crashes of a recovery. */
  duringRecovery: number;
  /** What was wrong, the first few. */
  readonly findings: string[];
}

interface State {
  readonly disk: SimulatedDisk;
  readonly history: History;
}

/** Every change of a run is a moment to crash at: so many states are drawn at each. */
const STATES_A_MOMENT = 4;
/** So often the next start crashes as well. */
const CRASH_AGAIN = 0.25;

/** Runs seeded workloads and crashes them until so many states were looked at, or something is wrong. */
export async function crashStates(seed: number, wanted: number, sabotage?: Sabotage): Promise<CrashReport> {
  const random = new Random(seed);
  const report: CrashReport = { states: 0, atStake: 0, expired: 0, duringRecovery: 0, findings: [] };
  while (report.states < wanted && report.findings.length === 0) {
    for (const state of await statesOfOneRun(random, sabotage)) {
      await examine(state, random, report, sabotage);
      if (report.findings.length > 0) break;
    }
  }
  return report;
}

async function statesOfOneRun(random: Random, sabotage?: Sabotage): Promise<State[]> {
  const disk = new SimulatedDisk();
  const history = History.empty(random.chance(0.5) ? undefined : retentions[random.below(retentions.length)]);
  const states: State[] = [];
  let log: FilePartitionLog | undefined;
  disk.onChange = () => {
    if (log !== undefined) history.see(log);
    for (let i = 0; i < STATES_A_MOMENT; i++) {
      const left = random.chance(0.2) ? disk.afterKill() : disk.afterPowerLoss(random);
      states.push({ disk: left, history: history.copy() });
    }
  };
  for (let session = 0; session < 2; session++) {
    const opened = await history.openLog(disk, sabotage);
    log = opened;
    for (let i = 0; i < 3; i++) {
      history.pass(random.below(30));
      // Together they share a write and a sync, or two where a segment ends.
      await Promise.all(
        Array.from({ length: 1 + random.below(3) }, () => history.append(opened, sizes(random))),
      );
      // Now and then while records are on their way to the disk.
      const appended = history.append(opened, random.chance(0.5) ? sizes(random) : []);
      await Promise.all([appended, opened.expire()]);
    }
    await opened.close();
    log = undefined;
  }
  return states;
}

const retentions: Retention[] = [{ ms: 40 }, { bytes: 4_000 }, { ms: 1 }, { ms: 60, bytes: 8_000 }];

const sizes = (random: Random): number[] =>
  Array.from({ length: 1 + random.below(3) }, () =>
    random.chance(0.1) ? 4_000 + random.below(3_000) : 8 + random.below(700),
  );

async function examine(state: State, random: Random, report: CrashReport, sabotage?: Sabotage) {
  let { disk, history } = state;
  report.states++;
  if (history.acknowledged > 0) report.atStake++;
  if (history.hasExpired) report.expired++;
  while (random.chance(CRASH_AGAIN)) {
    const again = await crashDuringStart({ disk, history }, random, sabotage);
    report.states++;
    report.duringRecovery++;
    ({ disk, history } = again);
  }
  const found = await history.verify(disk, sabotage);
  if (found !== undefined) report.findings.push(found);
}

/** Starts on what is there, goes on appending, and loses power at one of the first changes. */
async function crashDuringStart(state: State, random: Random, sabotage?: Sabotage): Promise<State> {
  const { disk, history } = state;
  let left: State | undefined;
  let log: FilePartitionLog | undefined;
  let changes = 1 + random.below(12);
  disk.onChange = () => {
    if (log !== undefined) history.see(log);
    if (--changes === 0) left = { disk: disk.afterPowerLoss(random), history: history.copy() };
    if (changes <= 0) throw new Error('no power');
  };
  try {
    log = await history.openLog(disk, sabotage);
    await history.append(log, [300]);
    await log.expire();
    await log.close();
  } catch {
    // No power, or a log that does not open: in that case it does not open for `verify` either.
  }
  disk.onChange = undefined;
  return left ?? state;
}
