import { EventEmitter, once } from 'node:events';
import { Logger } from '@nestjs/common';
import { SparingLog, type StatementRunner } from '@app/event-hubs';
import { Rounds } from '@app/service-defaults';
import { isPaused, setPaused } from './sql.js';

/** A pause said to another replica is heeded here so soon. */
const lookEveryMs = 1_000;

/**
 * Lets work through, unless somebody has paused the group. The batch in hand is finished; nothing new is begun, and the
 * partitions stay where they are.
 */
export class PauseGate {
  private readonly log = new SparingLog(new Logger('Consumer'));
  private readonly rounds = new Rounds({
    round: async () => {
      this.heed(await isPaused(this.database, this.consumerGroup));
      return lookEveryMs;
    },
    // Nobody can have changed it in a database that is away.
    failed: (error) => this.log.warn(`whether the group is paused cannot be read: ${String(error)}`),
    backOff: { baseMs: lookEveryMs, maxMs: lookEveryMs },
  });
  private readonly opened = new EventEmitter();
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
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  async set(paused: boolean, actor: string): Promise<void> {
    await setPaused(this.database, this.consumerGroup, paused, actor);
    this.heed(paused);
  }

  /** Resolves when the group is not paused. @throws the signal's reason */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.closed) await once(this.opened, 'open', { signal });
  }

  private heed(paused: boolean): void {
    this.closed = paused;
    if (!paused) this.opened.emit('open');
  }
}
