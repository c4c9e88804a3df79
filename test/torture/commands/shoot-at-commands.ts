import { eventually, Random } from '@app/testing';
import { keepData } from '../support/runs.js';
import { CommandStage } from './command-stage.js';
import { makeCommands } from './commands.js';
import { judgeCommands } from './judge.js';
import { activeIn, deadIn, mailCount, readEnd } from './read-end.js';

export interface CommandRunSize {
  commands: number;
  kills: number;
  poisonOneIn: number;
}

/** Which process is shot, and after how many mails of the slice that is being sent. */
interface Shot {
  target: 'engine' | 'worker';
  after: number;
}

export interface CommandRun {
  figures: Record<string, number>;
  wrong: string[];
  keptAt: string;
}

const drainMs = 180_000;

/**
 * Sends commands slice by slice, and kills the engine or the worker while each slice is under way; then waits until all is
 * quiet, and reads what there is.
 */
export async function shootAtCommands(size: CommandRunSize, seed: number): Promise<CommandRun> {
  const random = new Random(seed);
  const all = makeCommands(size.commands, size.poisonOneIn, random.fork());
  const good = new Set(
    all.filter(({ poison }) => poison === undefined).map(({ command }) => command.messageId),
  );
  const poison = new Map(all.flatMap((one) => (one.poison ? [[one.command.messageId, one.poison]] : [])));
  const stage = await CommandStage.start();
  let failed = true;
  try {
    const perShot = Math.ceil(all.length / size.kills);
    const kills = { engine: 0, worker: 0 };
    let sendsAgain = 0;
    for (let shot = 0; shot < size.kills; shot++) {
      const slice = all.slice(shot * perShot, (shot + 1) * perShot).map(({ command }) => command);
      const { target, after } = aShot(random, slice.length);
      const before = await mailCount(stage.mailboxUrl);
      const sending = stage.send(slice);
      const far = Math.min(before + after, good.size);
      if (after > 0)
        await eventually(async () => (await mailCount(stage.mailboxUrl)) >= far, { timeoutMs: drainMs });
      if (stage[target].signal('SIGKILL')) kills[target]++;
      sendsAgain += await sending;
      await Promise.all([stage.engine.whenUp(), stage.worker.whenUp()]);
    }
    const began = performance.now();
    await eventually(
      async () =>
        (await mailCount(stage.mailboxUrl)) >= good.size &&
        (await deadIn(stage.settings)).length >= poison.size &&
        (await activeIn(stage.settings)).length === 0,
      { timeoutMs: drainMs, intervalMs: 500 },
    ).catch(() => undefined); // The judge tells what is missing.
    const drained = performance.now() - began;
    const { again, ...end } = await readEnd(stage.mailboxUrl, stage.settings);
    const wrong = judgeCommands({ good, poison }, end);
    failed = wrong.length > 0;
    const figures = {
      commands: all.length,
      poison: poison.size,
      'kills of the engine': kills.engine,
      'kills of the worker': kills.worker,
      'sends again': sendsAgain,
      'mails that came again': again,
      'ms to drain': drained,
    };
    return { figures, wrong, keptAt: await stage.stop(failed || keepData()) };
  } catch (error) {
    await stage.stop(true);
    throw error;
  }
}

/** One in three at once, while the slice is being sent. Its last mails may be poison: no shot waits for the last fifth. */
function aShot(random: Random, slice: number): Shot {
  const target = random.chance(0.5) ? 'engine' : 'worker';
  return { target, after: random.chance(1 / 3) ? 0 : random.below(Math.max(1, Math.floor(slice * 0.8))) };
}
