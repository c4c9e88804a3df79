import type { FileSystem } from '../file-system/file-system.js';
import { writeCheckpoint, type Checkpoint } from './checkpoint.js';

const IDLE_MS = 200;
const BUSY_MS = 5_000;

export interface CheckpointsOptions {
  readonly fs: FileSystem;
  readonly folder: string;
  /** The base offset of the first segment. */
  readonly begin: number;
  readonly idleMs: number | undefined;
  readonly busyMs: number | undefined;
  durableEnd(): number;
  /** Milliseconds of a clock that is never set. */
  uptime(): number;
  report(message: string): void;
}

/** When checkpoints are written: after a moment without appends, now and then while they go on, before a removal. */
export class Checkpoints {
  private last: Checkpoint;
  private nextAt: number;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: CheckpointsOptions) {
    this.last = { durableEnd: -1, begin: options.begin };
    this.nextAt = this.afterNow();
  }

  /** Records became durable. */
  busy(): void {
    clearTimeout(this.timer);
    if (this.options.uptime() < this.nextAt) return;
    this.nextAt = this.afterNow();
    void this.writeIfPossible();
  }

  /** Nothing is left to write. */
  idle(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.writeIfPossible(), this.options.idleMs ?? IDLE_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Without one the log is as durable, only a torn tail is less narrowed down. */
  async writeIfPossible(): Promise<void> {
    try {
      await this.write(this.last.begin);
    } catch (error) {
      this.options.report(`${this.options.folder}: checkpoint not written (${String(error)})`);
    }
  }

  /**
   * Notes durably how far the log is durable, and where it begins from now on. One after the other.
   * @throws what the disk answered; the log may begin there at the next start all the same
   */
  write(begin: number): Promise<void> {
    const written = this.writing.then(() => this.writeNow(begin));
    this.writing = written.catch(() => undefined); // whoever asked for it learns of it
    return written;
  }

  private async writeNow(from: number): Promise<void> {
    const { fs, folder } = this.options;
    const durableEnd = this.options.durableEnd();
    const begin = Math.max(from, this.last.begin);
    if (durableEnd === this.last.durableEnd && begin === this.last.begin) return;
    await writeCheckpoint(fs, folder, { durableEnd, begin });
    this.last = { durableEnd, begin };
  }

  private afterNow(): number {
    return this.options.uptime() + (this.options.busyMs ?? BUSY_MS);
  }
}
