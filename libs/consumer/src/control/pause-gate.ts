import { EventEmitter, once } from 'node:events';
import { Logger } from '@nestjs/common';
import { pause, SparingLog, type StatementRunner } from '@app/event-hubs';
import { isPaused, setPaused } from './sql.js';

/** A pause said to another replica is heeded here so soon. */
const lookEveryMs = 1_000;

/**
 * Lets work through, unless somebody has paused the group. The batch in hand is finished; nothing new is begun, and the
 * partitions stay where they are.
 */
export class PauseGate {
  private readonly log = new SparingLog(new Logger('Consumer'));
  private readonly stopping = new AbortController();
  private readonly opened = new EventEmitter();
  private running: Promise<void> | undefined;
  /** Until it is known. */
  private closed = true;

  constructor(
    private readonly consumerGroup: string,
    private readonly database: StatementRunner,
  ) {
    this.opened.setMaxListeners(0);
  }

  /** Reads what was said before the start, then goes on looking. */
  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  async set(paused: boolean, actor: string): Promise<void> {
    await setPaused(this.database, this.consumerGroup, paused, actor);
    this.heed(paused);
  }

  /** Resolves when the group is not paused. @throws the signal's reason */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.closed) await once(this.opened, 'open', { signal });
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.heed(await isPaused(this.database, this.consumerGroup));
      } catch (error) {
        // Nobody can have changed it in a database that is away.
        this.log.warn(`whether the group is paused cannot be read: ${String(error)}`);
      }
      await pause(lookEveryMs, signal);
    }
  }

  private heed(paused: boolean): void {
    this.closed = paused;
    if (!paused) this.opened.emit('open');
  }
}
