import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '../settings.js';
import { BackOff } from './back-off.js';
import { type Part, type Reporter, type Running, describeExit } from './part.js';

/** What happens to parts, for the terminal. */
export interface Journal {
  /** A line that the part printed. */
  line(part: string, text: string): void;
  /** Something the launcher has to say about the part. */
  note(part: string, text: string): void;
  /** The part has a process. */
  spawned(part: string, pid: number): void;
}

/** A part that fails this often without ever having been ready will not come up by itself. */
const hopelessAfter = 5;

/**
 * One part under supervision.
 *
 * ```
 * starting ──ready──▶ up ──ended──▶ waiting ──back-off──▶ starting
 *    └──ended──▶ waiting; after 5 times without ever having been up ──▶ given up (start() rejects)
 * any ──stop()──▶ stopped
 * ```
 */
export class Supervised {
  private readonly stopping = new AbortController();
  private readonly backOff = new BackOff();
  private running: Running | undefined;
  private readySince: number | undefined;
  private everReady = false;
  private starting: Promise<void> = Promise.resolve();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    readonly part: Part,
    private readonly journal: Journal,
  ) {}

  /**
   * Resolves when the part is ready for the first time; from then on it is kept up.
   *
   * @throws StartError when trying again does not help; the last reason when it failed five times in a row without
   * ever having been ready
   */
  async start(): Promise<void> {
    for (let attempt = 1; !this.stopped; attempt++) {
      try {
        await this.attempt();
        this.loop = this.keepUp();
        return;
      } catch (error) {
        if (this.stopped) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (error instanceof StartError) throw error;
        if (attempt >= hopelessAfter || this.part.kind === 'task')
          throw new Error(`${this.part.name} does not start: ${reason}`, { cause: error });
        await this.pause(reason);
      }
    }
  }

  /** Ends the part in order; resolves when its process is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running?.stop(this.part.stopWithinMs);
    // A start that was under way has its process ended as soon as there is one.
    await this.starting.catch(() => undefined);
    await this.running?.exited;
    await this.loop;
  }

  kill(): void {
    this.stopping.abort();
    this.running?.kill();
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async attempt(): Promise<void> {
    const { name } = this.part;
    this.readySince = undefined;
    const report: Reporter = {
      line: (text) => this.journal.line(name, text),
      spawned: (running) => {
        this.running = running;
        this.journal.spawned(name, running.pid);
        // A process that was born while everything stops must not stay behind.
        if (this.stopped) running.kill();
      },
    };
    this.starting = this.part.start(report);
    await this.starting;
    this.readySince = performance.now();
    if (this.everReady) this.journal.note(name, 'is back');
    this.everReady = true;
  }

  private async keepUp(): Promise<void> {
    if (this.part.kind === 'task') return;
    while (!this.stopped) {
      const exit = await this.running?.exited;
      if (this.stopped || !exit) return;
      let reason = describeExit(exit);
      for (let up = false; !up && !this.stopped;) {
        await this.pause(reason);
        if (this.stopped) return;
        up = await this.attempt().then(
          () => true,
          (error: unknown) => {
            reason = error instanceof Error ? error.message : String(error);
            return false;
          },
        );
      }
    }
  }

  private async pause(reason: string): Promise<void> {
    const ms = this.backOff.next(this.readySince === undefined ? 0 : performance.now() - this.readySince);
    this.readySince = undefined;
    this.journal.note(this.part.name, `${reason}; starting it again in ${ms / 1000} s`);
    await delay(ms, undefined, { signal: this.stopping.signal }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }
}
