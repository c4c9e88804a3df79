import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { getPriority, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type Exit, type Part, type Reporter, type Running, describeExit } from './part.js';

export interface ProgramOptions {
  needs: readonly string[];
  uses?: readonly string[];
  script: string;
  args?: readonly string[];
  /** Options of Node itself. */
  nodeOptions?: readonly string[];
  env: Readonly<Record<string, string>>;
  /** By how much it stands back behind the launcher once it is ready, where processors are short: see nice(2). */
  nice?: number;
  stopWithinMs?: number;
}

/** A service that does not say within this time that it is ready is started again. */
const readyMs = 60_000;

/** A Node program of ours as a service; it says `{ ready: true }` over IPC, and ends when that channel closes. */
export function service(name: string, options: ProgramOptions): Part {
  const { needs, uses = [], nice = 0, stopWithinMs = 4_000 } = options;
  const start = async (report: Reporter) => {
    const child = spawn(options, report);
    const exited = watch(child, report);
    const outcome = await Promise.race([
      whenReady(child).then(() => 'ready' as const),
      exited,
      delay(readyMs, 'late' as const, { ref: false }),
    ]);
    if (outcome === 'ready') {
      standBack(child, nice, report);
      return;
    }
    child.kill('SIGKILL');
    throw new Error(outcome === 'late' ? `was not ready after ${readyMs / 1000} s` : describeExit(outcome));
  };
  return { name, needs, uses, kind: 'service', stopWithinMs, start };
}

/** Linux counts by thread: it is the one that runs JavaScript that stands back. */
function standBack({ pid }: ChildProcess, nice: number, report: Reporter): void {
  if (pid === undefined || nice === 0) return;
  try {
    setPriority(pid, Math.min(19, getPriority() + nice));
  } catch (error) {
    // It may have ended meanwhile, which is told elsewhere; some systems let nobody change priorities.
    report.line(`keeps its priority: ${String(error)}`);
  }
}

/** A Node program of ours that does one thing and ends. */
export function task(name: string, options: ProgramOptions): Part {
  const start = async (report: Reporter) => {
    const exit = await watch(spawn(options, report), report);
    if (exit.code !== 0) throw new Error(describeExit(exit));
  };
  return { name, needs: options.needs, kind: 'task', stopWithinMs: 1_000, start };
}

/** `detached`: a process group of its own, so that a terminal's Ctrl-C reaches the launcher alone. */
function spawn({ script, args = [], nodeOptions = [], env }: ProgramOptions, report: Reporter): ChildProcess {
  const child = fork(script, args, {
    env: { ...process.env, ...env },
    execArgv: [...nodeOptions],
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => report.line(line));
  return child;
}

function watch(child: ChildProcess, report: Reporter): Promise<Exit> {
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const running: Running = {
    pid: child.pid ?? -1,
    exited,
    kill: () => void child.kill('SIGKILL'),
    stop: async (withinMs) => {
      child.kill('SIGTERM');
      const late = setTimeout(() => {
        report.line(`did not end within ${withinMs / 1000} s: killed`);
        child.kill('SIGKILL');
      }, withinMs);
      await exited;
      clearTimeout(late);
    },
  };
  report.spawned(running);
  return exited;
}

async function whenReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message: { ready?: boolean }) => {
      if (message.ready) resolve();
    });
  });
}
