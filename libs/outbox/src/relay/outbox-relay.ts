import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { backOffMs, type EventHubsSender, pause } from '@app/event-hubs';
import type { DataSource } from 'typeorm';
import { waitingPartitions } from '../sql/waiting-partitions.js';
import { PartitionRelay } from './partition-relay.js';
import { RelayMetrics } from './relay.metrics.js';

export interface RelayOptions {
  partitionCount: number;
  pollIntervalMs: number;
  batchSize: number;
}

const backOff = { baseMs: 100, maxMs: 5_000 };

/**
 * Carries committed events from the outbox to the engine, as long as the service lives.
 *
 *   idle ──wake() or poll──▶ sending ──nothing left──▶ idle
 *                              │ the engine or the database is away: back-off, then again
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('OutboxRelay');
  private readonly stopping = new AbortController();
  private readonly partition: PartitionRelay;
  private readonly metrics: RelayMetrics;
  private loop: Promise<void> | undefined;
  private woken = false;
  private rouse: (() => void) | undefined;
  private drained: (() => void)[] = [];
  private partitionsChecked = false;
  private failures = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly sender: EventHubsSender,
    private readonly options: RelayOptions,
  ) {
    this.partition = new PartitionRelay(dataSource, sender, options.batchSize);
    this.metrics = new RelayMetrics(dataSource);
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Ends after the batch in hand; what is left is sent at the next start, or by another relay. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.rouse?.();
    await this.loop;
    await this.sender.close();
  }

  /** A transaction with events has been committed: send now, instead of at the next poll. */
  wake(): void {
    this.woken = true;
    this.rouse?.();
  }

  /** Resolves when the outbox has been seen empty. */
  whenDrained(): Promise<void> {
    return new Promise((resolve) => {
      this.drained.push(resolve);
      this.wake();
    });
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.woken = false;
        const waiting = this.drained;
        const empty = await this.sendWhatIsThere();
        this.recovered();
        if (empty) this.tellDrained(waiting);
        else continue;
      } catch (error) {
        this.failed(error);
        await pause(backOffMs(this.failures++, backOff), signal);
        continue;
      }
      await this.idle();
    }
  }

  /** One batch of each partition that has rows; `true` when none had. */
  private async sendWhatIsThere(): Promise<boolean> {
    const partitions = await waitingPartitions(this.dataSource, this.options.partitionCount);
    if (partitions.length === 0) return true;
    await this.checkPartitions();
    const results = await Promise.allSettled(partitions.map((partition) => this.drain(partition)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    // Every partition is in the hands of another relay: leave it to that one until the next poll.
    if (results.every((result) => result.status === 'fulfilled' && !result.value)) await this.idle();
    return false;
  }

  /** Sends until the partition has no full batch left. `false` when another relay is at it. */
  private async drain(partitionId: number): Promise<boolean> {
    for (;;) {
      const outcome = await this.partition.relay(partitionId);
      if (outcome.kind === 'busy') return false;
      const { published, rejected } = outcome;
      for (const error of rejected) this.logger.error(`set aside in outbox_rejected: ${error.message}`);
      this.metrics.count(published, rejected.length);
      if (published + rejected.length < this.options.batchSize || this.stopping.signal.aborted) return true;
    }
  }

  /** A hub with another number of partitions would get customers' events into partitions that nobody expects them in. */
  private async checkPartitions(): Promise<void> {
    if (this.partitionsChecked) return;
    const ids = await this.sender.partitionIds();
    if (ids.length !== this.options.partitionCount) {
      throw new Error(
        `the hub has ${ids.length} partitions, EVENTHUB_PARTITION_COUNT says ${this.options.partitionCount}: nothing is sent`,
      );
    }
    this.partitionsChecked = true;
  }

  private async idle(): Promise<void> {
    if (this.woken) return;
    const poll = new AbortController();
    this.rouse = () => poll.abort();
    if (!this.stopping.signal.aborted) await pause(this.options.pollIntervalMs, poll.signal);
    this.rouse = undefined;
  }

  private tellDrained(waiting: readonly (() => void)[]): void {
    this.drained = this.drained.filter((resolve) => !waiting.includes(resolve));
    for (const resolve of waiting) resolve();
  }

  private failed(error: unknown): void {
    if (this.failures > 0) return;
    this.logger.warn(
      `events wait in the outbox, trying on: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  private recovered(): void {
    if (this.failures > 0) this.logger.log('the outbox is being sent again');
    this.failures = 0;
  }
}
