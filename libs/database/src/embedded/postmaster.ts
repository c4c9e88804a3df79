import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ignore } from './binaries.js';

/** How long each of PostgreSQL's ways to stop may take before the next, harder one: fast, immediate, killed. */
const stopSteps = [
  { signal: 'SIGINT', ms: 6_000 },
  { signal: 'SIGQUIT', ms: 1_500 },
  { signal: 'SIGKILL', ms: 1_500 },
] as const;

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
export async function stopServer(kill: (signal: NodeJS.Signals) => void, gone: Promise<void>): Promise<void> {
  for (const { signal, ms } of stopSteps) {
    kill(signal);
    const ended = await Promise.race([gone.then(() => true), delay(ms, false, { ref: false })]);
    if (ended) return;
  }
}

/** The predecessor is no child of ours, so the system tells nobody when it ends: we have to look. */
async function whenGone(alive: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + stopSteps.reduce((sum, { ms }) => sum + ms, 0);
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
  const command = await commandLine(pid);
  return command.includes('postgres') && command.includes(dataDir);
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux')
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
  return promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
