import { randomUUID } from 'node:crypto';
import type { PartitionProperties } from '@azure/event-hubs';
import { Logger } from '@nestjs/common';
import { backOffMs, messageOf, pause } from '@app/service-defaults';
import { type Wanted, whatIsMissing } from '../client-library/what-is-missing.js';
import { ReadingTurn } from './reading-turn.js';
import type { SubscriptionOptions } from './subscription-options.js';

const overdueMs = 5_000;
const engineBackOff = { baseMs: 100, maxMs: 1_000 };

/**
 * Reads the partitions of a hub that fall to this process, as long as it lives.
 *
 *   reaching ──the engine answers──▶ reading ──a look is overdue──▶ reaching
 *      └───────────── close() ──────────┴──▶ closed
 */
export class EventHubsSubscription {
  private readonly logger = new Logger('EventHubs');
  private readonly closing = new AbortController();
  private readonly name = randomUUID().slice(0, 8);
  /** Where events were missing last, a partition. */
  private readonly gaps = new Map<string, number>();
  private loop: Promise<void> | undefined;
  private reading: ReadingTurn | undefined;

  constructor(private readonly options: SubscriptionOptions) {}

  start(): void {
    this.loop ??= this.run().catch((error: unknown) => {
      // The service lives on, not ready: what ended the reading is a mistake that a restart alone does not mend.
      this.reading = undefined;
      this.logger.error(`reading has ended, nothing is read any more: ${messageOf(error)}`);
    });
  }

  /** Whether the engine answers and partitions are being read or looked for. */
  get running(): boolean {
    return this.reading !== undefined;
  }

  /** Where each partition's log ends now, asked of the engine. */
  async heads(): Promise<PartitionProperties[]> {
    if (!this.reading) throw new Error('the Event Hubs engine has not been reached');
    return this.reading.heads();
  }

  /** The namespace as positions are kept under it. @throws before the engine has been reached */
  get namespace(): string {
    if (!this.reading) throw new Error('the Event Hubs engine has not been reached');
    return this.reading.namespace;
  }

  /** Ends the batches in hand, gives the partitions up and disconnects, within about 7 s in the worst case. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let turns = 1; !signal.aborted; turns++) {
      const turn = new ReadingTurn(`${this.name}.${turns}`, this.options, this.gaps);
      if (await this.reached(turn)) {
        turn.begin();
        this.connected(turn);
        await this.untilOverdue(turn);
        this.disconnected();
      }
      await turn.end();
    }
  }

  private get wanted(): Wanted {
    const { settings, consumerGroup } = this.options;
    return { ...settings, consumerGroup, right: 'Listen' };
  }

  /** Tries until the engine answers; `false` when closed before. */
  private async reached(turn: ReadingTurn): Promise<boolean> {
    const { signal } = this.closing;
    let told: string | undefined;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await turn.reach(signal);
        return !signal.aborted;
      } catch (error) {
        const missing = whatIsMissing(error, this.wanted, 'hub');
        if (signal.aborted) return false;
        if (missing !== undefined && missing !== told) this.logger.error(missing);
        else if (failures === 0)
          this.logger.warn(`the Event Hubs engine is away, trying on: ${messageOf(error)}`);
        told = missing ?? told;
        await pause(backOffMs(failures, engineBackOff), signal);
      }
    }
    return false;
  }

  /** Twice in a row: a process that was held up itself must first give the SDK its turn. */
  private async untilOverdue(turn: ReadingTurn): Promise<void> {
    const { signal } = this.closing;
    let overdue = 0;
    while (overdue < 2 && !signal.aborted) {
      await pause(500, signal);
      overdue = turn.sinceLookMs < overdueMs ? 0 : overdue + 1;
    }
  }

  private connected(turn: ReadingTurn): void {
    this.reading = turn;
    this.logger.log('connected to the Event Hubs engine');
    this.options.events.emit('connected');
  }

  private disconnected(): void {
    this.reading = undefined;
    if (!this.closing.signal.aborted)
      this.logger.warn('the engine has not answered for some seconds: reaching for it');
    this.options.events.emit('disconnected');
  }
}
