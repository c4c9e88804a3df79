import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessOptions {
  name: string;
  /** The built program. */
  script: string;
  args?: readonly string[];
  nodeOptions?: readonly string[];
  /** Its environment at its nth start, counted from 1. */
  env: (start: number) => Readonly<Record<string, string>>;
  /** What it prints. */
  logFile: string;
}

/** How a process ended that was asked to. */
export interface Ending {
  ms: number;
  /** Null where it had to be killed. */
  code: number | null;
}

const restartMs = 100;
/** Longer than any process of ours may take. */
const endsWithinMs = 15_000;
const readyMs = 60_000;

/**
 * A program of the platform that is started again whenever it ends, at once: the launcher would wait longer each time,
 * which is right for a service that crashes and wrong for one that is being shot at.
 */
export class Process {
  readonly name: string;
  starts = 0;
  private child: ChildProcess | undefined;
  private stopping = false;
  private up: Promise<void> = Promise.resolve();
  /** When the process after the present one is ready. */
  private next: Promise<void> = Promise.resolve();

  constructor(private readonly options: ProcessOptions) {
    this.name = options.name;
  }

  get pid(): number {
    return this.child?.pid ?? -1;
  }

  /** Resolves when it says that it is ready. */
  start(): Promise<void> {
    this.up = this.launch();
    return this.up;
  }

  /** Resolves when the present process is ready. */
  async whenUp(): Promise<void> {
    for (let seen; seen !== this.up;) {
      seen = this.up;
      await seen;
    }
  }

  /** To the process as it is now; false when there is none. */
  signal(signal: NodeJS.Signals): boolean {
    const sent = this.child?.kill(signal) ?? false;
    if (sent && signal === 'SIGKILL') this.up = this.next;
    return sent;
  }

  /** SIGTERM, for good. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.up.catch(() => undefined);
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGCONT');
    await end(this.child);
  }

  /** SIGTERM to the process as it is now, after which it is started again. */
  terminate(): Promise<Ending> {
    if (!this.child) throw new Error(`${this.name} has not been started`);
    this.up = this.next;
    return end(this.child);
  }

  private async launch(): Promise<void> {
    const { script, args = [], nodeOptions = [], env, logFile, name } = this.options;
    this.starts++;
    const child = fork(script, [...args], {
      env: { ...process.env, ...env(this.starts) },
      execArgv: [...nodeOptions],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => appendFileSync(logFile, text));
    const exited = once(child, 'exit');
    this.next = exited.then(() => this.again(child));
    // Told by whenUp(), to whoever waits.
    this.next.catch(() => undefined);
    const ready = new Promise<'ready'>((resolve) => {
      child.on('message', (message: { ready?: boolean }) => message.ready && resolve('ready'));
    });
    const late = AbortSignal.timeout(readyMs);
    const outcome = await Promise.race([ready, exited, once(late, 'abort').then(() => 'late' as const)]);
    if (outcome === 'late')
      throw new Error(`${name} was not ready within ${readyMs / 1_000} s, see ${logFile}`);
  }

  private async again(ended: ChildProcess): Promise<void> {
    if (this.stopping || ended !== this.child) return;
    this.up = this.next;
    await delay(restartMs);
    if (!this.stopping) await this.launch();
  }
}

async function end(child: ChildProcess): Promise<Ending> {
  const began = performance.now();
  const hard = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  const [code] = await exited;
  clearTimeout(hard);
  return { ms: performance.now() - began, code };
}
