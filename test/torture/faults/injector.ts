import { setTimeout as delay } from 'node:timers/promises';
import type { Process } from '../platform/process.js';
import type { Random } from '@app/testing';

export interface FaultPlan {
  /** SIGKILLs in all. */
  kills: number;
  /** SIGSTOPs in all, each followed by SIGCONT. */
  stops: number;
  /** Between two faults, in milliseconds. */
  everyMs: readonly [least: number, most: number];
  /** How long a stopped process stands still, in milliseconds. */
  stoppedMs: readonly [least: number, most: number];
}

export interface Fault {
  at: number;
  process: string;
  kind: 'SIGKILL' | 'SIGSTOP';
}

/** Shoots at processes as planned, in an order of chance; each target gets its turn. */
export async function injectFaults(
  targets: readonly Process[],
  { kills, stops, everyMs, stoppedMs }: FaultPlan,
  random: Random,
): Promise<Fault[]> {
  const kinds = [
    ...Array.from({ length: kills }, () => 'SIGKILL' as const),
    ...Array.from({ length: stops }, () => 'SIGSTOP' as const),
  ];
  const faults: Fault[] = [];
  const resumed: Promise<void>[] = [];
  const standing = new Set<Process>();
  for (let left = kinds.length; left > 0; left--) {
    await delay(random.between(...everyMs));
    const [kind = 'SIGKILL'] = kinds.splice(random.below(kinds.length), 1);
    const target = random.pick(targets.filter((one) => !standing.has(one)));
    // A process that is not up yet is not much of a target.
    await target.whenUp();
    if (!target.signal(kind)) throw new Error(`${target.name} could not be sent ${kind}`);
    faults.push({ at: performance.now(), process: target.name, kind });
    if (kind === 'SIGKILL') continue;
    standing.add(target);
    resumed.push(goOn(target, random.between(...stoppedMs), standing));
  }
  await Promise.all(resumed);
  await Promise.all(targets.map((target) => target.whenUp()));
  return faults;
}

async function goOn(target: Process, afterMs: number, standing: Set<Process>): Promise<void> {
  await delay(afterMs);
  target.signal('SIGCONT');
  standing.delete(target);
}
