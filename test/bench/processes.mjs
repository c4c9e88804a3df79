// Child processes and folders of a bench, and what becomes of them: all are gone when it ends, also by Ctrl-C.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** With the signal that ends it. */
const children = new Map();
const folders = new Set();
let interrupted = false;

export const wasInterrupted = () => interrupted;

/** Nothing begins that nobody would clean up. */
function refuseWhenInterrupted() {
  if (interrupted) throw new Error('interrupted');
}

export async function temporaryFolder() {
  refuseWhenInterrupted();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
  folders.add(folder);
  return folder;
}

export async function removeFolder(folder) {
  await rm(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** Below the ports that the system gives to connections: none of them takes it meanwhile. */
const portRange = [10_240, 32_768];

/** A port that nobody listened on a moment ago. */
export async function freePort() {
  for (;;) {
    const port = randomInt(portRange[0], portRange[1]);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (error.code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Starts a process; what it prints to stderr is shown. Its data are thrown away, so it is killed unless told otherwise. */
export function start(command, args, options = {}, endWith = 'SIGKILL') {
  refuseWhenInterrupted();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  children.set(child, endWith);
  child.once('exit', () => children.delete(child));
  return child;
}

/**
 * Starts a script of Node that says something as soon as it is ready.
 * @param {{ nodeOptions?: readonly string[] }} options of Node itself
 */
export async function startNode(script, args = [], { nodeOptions = [] } = {}) {
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
  const child = start(process.execPath, [...nodeOptions, script, ...args], { stdio });
  return { child, ready: await nextMessage(child) };
}

/** The next message of a child, or an error when it ends before. */
export async function nextMessage(child) {
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
  });
  ended.catch(() => undefined); // aborted, or the race has it
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: over.signal }), ended]);
    return message;
  } finally {
    over.abort();
  }
}

export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(children.get(child));
  await exited;
}

/** Ends what is left and removes the folders. */
export async function cleanUp() {
  await Promise.all([...children.keys()].map((child) => end(child)));
  await Promise.all([...folders].map((folder) => removeFolder(folder)));
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    void cleanUp().then(() => process.exit(code));
  });
}

const TICKS_PER_SECOND = 100; // USER_HZ

/** Processor time a process has taken so far, user and system, all its threads: seconds, in steps of 10 ms. */
export function cpuSeconds(/** @type {number} */ pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The processes that a process has started itself. */
export function childrenOf(/** @type {number} */ pid) {
  const parentOf = (/** @type {string} */ one) => {
    try {
      return readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1].split(' ')[1];
    } catch {
      return undefined; // gone meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((one) => /^\d+$/.test(one) && parentOf(one) === String(pid))
    .map(Number);
}

/** Memory of a process that lies in RAM, in MiB. */
export function residentMiB(/** @type {number} */ pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
