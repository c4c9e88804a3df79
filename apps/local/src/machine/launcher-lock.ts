import { commandLineOf } from '@app/database/embedded';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '../settings.js';

interface Holder {
  pid: number;
  /** The processes it started, by name. */
  children: Record<string, number>;
}

/** How long the processes of a launcher that was killed may take to end by themselves. */
const orphansMs = 10_000;

/**
 * One launcher a data folder. The lock is a file that names its holder and the processes it started, so that the
 * next launcher can tell a holder that lives from one that was killed, and wait for what the killed one left behind.
 */
export class LauncherLock {
  private children: Record<string, number> = {};
  private writing: Promise<void> = Promise.resolve();

  private constructor(private readonly file: string) {}

  /** @throws StartError `ALREADY_RUNNING` */
  static async acquire(dataDir: string): Promise<LauncherLock> {
    const file = join(dataDir, 'launcher.lock');
    const lock = new LauncherLock(file);
    while (!(await lock.create())) {
      const holder = await read(file);
      if (holder && (await isLauncher(holder.pid)))
        throw new StartError(
          'ALREADY_RUNNING',
          `the platform runs already on ${dataDir} (process ${holder.pid}): stop it with Ctrl-C there, or set DATA_DIR`,
        );
      await Promise.all(Object.values(holder?.children ?? {}).map(outlive));
      await rm(file, { force: true });
    }
    return lock;
  }

  /** Notes a process for a successor to wait for. */
  note(name: string, pid: number): void {
    this.children[name] = pid;
    this.writing = this.writing.then(() => this.write());
  }

  async release(): Promise<void> {
    await this.writing;
    await rm(this.file, { force: true });
  }

  private async create(): Promise<boolean> {
    try {
      const handle = await open(this.file, 'wx', 0o600);
      await handle.writeFile(this.content());
      await handle.close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  private async write(): Promise<void> {
    await writeFile(`${this.file}.new`, this.content(), { mode: 0o600 });
    await rename(`${this.file}.new`, this.file);
  }

  private content(): string {
    return JSON.stringify({ pid: process.pid, children: this.children } satisfies Holder);
  }
}

/** Undefined when the file is gone by now, or was being written when its launcher was killed. */
async function read(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const ourPrograms = /\/apps\/[^/]+\/dist\//;

async function isLauncher(pid: number): Promise<boolean> {
  return pid !== process.pid && /apps\/local\/dist\/main\.js/.test(await commandLineOf(pid));
}

/** A service whose launcher is gone ends by itself, or when told; one that hangs is killed. */
async function outlive(pid: number): Promise<void> {
  const deadline = Date.now() + orphansMs;
  for (let told = false; ourPrograms.test(await commandLineOf(pid)); told = true) {
    if (!told) signal(pid, 'SIGTERM');
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await delay(50);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
