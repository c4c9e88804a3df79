import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ignore } from './binaries.js';

/** PostgreSQL's ways to stop and the share of the time that each may take before the next: fast, immediate, killed. */
const stopSteps = [
  { signal: 'SIGINT', share: 0.7 },
  { signal: 'SIGQUIT', share: 0.2 },
  { signal: 'SIGKILL', share: 0.1 },
] as const;

export const defaultStopMs = 9_000;

/**
 * A launcher that was killed leaves its PostgreSQL running, or a postmaster.pid behind. The first is stopped in
 * order; the second is taken away, because its number may be some other process's by now, and PostgreSQL would
 * take that process for a running server.
 *
 * @returns whether a server was found running and stopped
 */
export async function endPredecessor(dataDir: string): Promise<boolean> {
  const file = join(dataDir, 'postmaster.pid');
  const lock = await readFile(file, 'utf8').catch(ignore('ENOENT'));
  if (lock === undefined) return false;
  const pid = Number.parseInt(lock, 10);
  const alive = () => isPostmaster(pid, dataDir);
  const running = await alive();
  if (running) await stopServer((signal) => signalTo(pid, signal), whenGone(alive));
  await rm(file, { force: true });
  return running;
}

/** Ends a server: fast shutdown first (clients are sent away, data is written), harder only when that hangs. */
export async function stopServer(
  kill: (signal: NodeJS.Signals) => void,
  gone: Promise<unknown>,
  withinMs = defaultStopMs,
): Promise<void> {
  for (const { signal, share } of stopSteps) {
    kill(signal);
    const ended = await Promise.race([gone.then(() => true), delay(withinMs * share, false, { ref: false })]);
    if (ended) return;
  }
}

/** The predecessor is no child of ours, so the system tells nobody when it ends: we have to look. */
async function whenGone(alive: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + defaultStopMs;
  while (Date.now() < deadline && (await alive())) await delay(50);
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    ignore('ESRCH')(error as NodeJS.ErrnoException);
  }
}

async function isPostmaster(pid: number, dataDir: string): Promise<boolean> {
  if (!(pid > 1)) return false;
  const command = await commandLineOf(pid);
  return command.includes('postgres') && command.includes(dataDir);
}

/** What a process was started with; empty when there is none, or only its zombie. */
export async function commandLineOf(pid: number): Promise<string> {
  if (process.platform === 'linux')
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
  return promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
