// Child processes and folders of a bench, and what becomes of them: all are gone when it ends, also by Ctrl-C.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const children = new Set();
const folders = new Set();

export async function temporaryFolder() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-engine-'));
  folders.add(folder);
  return folder;
}

/** Starts a process; what it prints to stderr is shown, and an unexpected end is an error. */
export function start(command, args, { ipc = false } = {}) {
  const stdio = ['ignore', 'ignore', 'inherit', ...(ipc ? ['ipc'] : [])];
  const child = spawn(command, args, { stdio });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** The first message of a child, or an error when it ends before. */
export async function messageOf(child, what) {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${what} ended with ${code}`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message;
}

/** Ends a process: nicely by default, for good where its data are not looked at again. */
export async function end(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

export async function removeFolder(folder) {
  await rm(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** Ends what is left and removes the folders. */
export async function cleanUp() {
  await Promise.all([...children].map((child) => end(child, 'SIGKILL')));
  await Promise.all([...folders].map(removeFolder));
}

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    void cleanUp().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  });
}

const TICKS_PER_SECOND = 100; // USER_HZ: 100 on every Linux that runs Node

/** Processor time a process has taken so far, user and system, all threads: seconds, to 10 ms. */
export function cpuSeconds(/** @type {number} */ pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory of a process that lies in RAM, in MiB. */
export function residentMiB(/** @type {number} */ pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
