import { setTimeout as delay } from 'node:timers/promises';
import { setDatabaseClock } from '@app/testing';
import {
  consumerNames,
  databaseOf,
  type TorturePlatform,
  withDatabase,
} from '../platform/torture-platform.js';
import type { Random } from '@app/testing';
import { Probe } from './probe.js';
import type { WholeSystemOptions } from './whole-system.js';

const hour = 3_600_000;
const errors = [hour, -hour, 365 * 24 * hour, -365 * 24 * hour];
const nodes = ['profile', 'broker', ...consumerNames];
/** Whose clock is wrong: everybody's on one machine, PostgreSQL's, or that of one process on a machine of its own. */
const targets = ['machine', 'postgres', ...nodes];
/** Of a round: each target by each error. */
export const jumpsOfRound = errors.length * targets.length;

const wrongMs = [2_000, 4_000] as const;

/**
 * Sets clocks an hour and a year ahead and back, and right again, in an order of chance. While a clock is wrong, an event
 * fails once in every consumer, and every second time a process is killed and starts by the wrong clock.
 */
export const jumpClocks =
  (rounds: number): WholeSystemOptions['shoot'] =>
  async (platform, random, client) => {
    const planned = Array.from({ length: rounds }, () =>
      errors.flatMap((errorMs) => targets.map((target) => ({ errorMs, target }))),
    ).flat();
    let [kills, slowest, slowestOf] = [0, 0, ''];
    for (let n = 0; planned.length > 0; n++) {
      const [jump] = planned.splice(random.below(planned.length), 1);
      if (!jump) break;
      const probe = await Probe.create(platform, client, n);
      const until = performance.now() + random.between(...wrongMs);
      await setClocks(platform, jump.target, jump.errorMs);
      await probe.changeAndFailOnce();
      if (n % 2 === 1) kills += await killOne(platform, jump.target, random);
      await delay(Math.max(0, until - performance.now()));
      await setClocks(platform, jump.target, 0);
      const ms = await probe.untilEverywhere().catch((cause: unknown) => {
        throw new Error(`after ${nameOf(jump)}`, { cause });
      });
      if (ms <= slowest) continue;
      slowest = ms;
      slowestOf = nameOf(jump);
    }
    return {
      'clock jumps': rounds * jumpsOfRound,
      'starts by a wrong clock': kills,
      'ms until every group had gone on': Math.round(slowest),
      'slowest after': slowestOf,
    };
  };

const nameOf = ({ target, errorMs }: { target: string; errorMs: number }): string =>
  `${target} ${errorMs / hour} h`;

async function setClocks(platform: TorturePlatform, target: string, errorMs: number): Promise<void> {
  const { clocks } = platform;
  if (!clocks) throw new Error('start the platform with clocks');
  const setPostgres = () =>
    Promise.all(
      withDatabase.map((name) => setDatabaseClock(platform.postgres.url(databaseOf(name)), errorMs)),
    );
  const setNodes = (names: readonly string[]) =>
    Promise.all(names.map((name) => clocks.set(platform.process(name), errorMs)));
  if (target === 'machine') await Promise.all([setPostgres(), setNodes(nodes)]);
  else if (target === 'postgres') await setPostgres();
  else await setNodes([target]);
}

/** Who has the wrong clock, or anybody where that is PostgreSQL. */
async function killOne(platform: TorturePlatform, target: string, random: Random): Promise<number> {
  const victim = platform.process(nodes.includes(target) ? target : random.pick(nodes));
  victim.signal('SIGKILL');
  await victim.whenUp();
  return 1;
}
