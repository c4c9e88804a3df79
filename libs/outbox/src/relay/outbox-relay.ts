import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { partitionForKey } from '@app/contracts';
import { type EventHubsSender, messageOf, pause, within } from '@app/event-hubs';
import type { DataSource } from 'typeorm';
import { waitingPartitions } from '../sql/waiting-partitions.js';
import { PartitionRelay } from './partition-relay.js';
import { type BatchSent, PartitionTurns } from './partition-turns.js';
import { RelayMetrics } from './relay.metrics.js';

export interface RelayOptions {
  partitionCount: number;
  pollIntervalMs: number;
  batchSize: number;
}

/** What an engine that is well needs for the batches in hand at the end; a shutdown does not wait for one that is not. */
const inHandMs = 1_000;
/** A batch is held in memory, and its transaction stays open while it is sent. */
const batchLimit = { bytes: 4 * 1024 * 1024, ms: 5_000 };

/** How long the polls leave events alone where many more are to come. */
const holdOffMs = 2_000;

class PartitionCountError extends Error {}

/**
 * Carries committed events from the outbox to the engine, as long as the service lives. Partitions do not wait for each
 * other.
 *
 *   looking ──rows in a partition──▶ its turn to send
 *      ▲                                ▲
 *      └── wake(), or a poll            └── wake() of whoever has written to that partition
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('OutboxRelay');
  private readonly stopping = new AbortController();
  private readonly partition: PartitionRelay;
  private readonly metrics: RelayMetrics;
  private readonly turns = new Map<number, PartitionTurns>();
  private loop: Promise<void> | undefined;
  private woken = false;
  /** Set by the first call after a look at the outbox, so that the next look comes however many follow. */
  private heldOffUntil: number | undefined;
  private rouse: (() => void) | undefined;
  private drained: (() => void)[] = [];
  private partitionsChecked = false;
  private away = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly sender: EventHubsSender,
    private readonly options: RelayOptions,
  ) {
    this.partition = new PartitionRelay(dataSource, sender, { rows: options.batchSize, ...batchLimit });
    this.metrics = new RelayMetrics(dataSource);
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  start(): void {
    if (this.loop !== undefined) return;
    this.loop = this.run();
    void this.tellWrongHub();
  }

  /**
   * Ends after the batches in hand, if the engine takes them in time; what is left is sent at the next start, or by
   * another relay.
   */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    const ended = this.ended();
    await within(inHandMs, ended);
    await this.sender.close();
    await ended;
  }

  /**
   * A transaction with events has been committed: send now, instead of at the next poll.
   * @param subjects of all the events, where the caller knows them: it is not asked then which partitions wait
   */
  wake(subjects?: readonly string[]): void {
    if (subjects !== undefined && this.loop !== undefined && !this.stopping.signal.aborted) {
      const { partitionCount } = this.options;
      for (const id of new Set(subjects.map((subject) => partitionForKey(subject, partitionCount))))
        this.turnsOf(id).begin();
      return;
    }
    this.woken = true;
    this.rouse?.();
  }

  /**
   * Many events are being committed, one transaction after another, and nobody waits for a single one: the polls leave them
   * for up to 2 s, so that they go in large messages, which cost the engine and every consumer less. wake() works as ever.
   */
  holdOff(): void {
    this.heldOffUntil ??= performance.now() + holdOffMs;
  }

  /** Resolves when the outbox has been seen empty. */
  whenDrained(): Promise<void> {
    return new Promise((resolve) => {
      this.drained.push(resolve);
      this.wake();
    });
  }

  private async ended(): Promise<void> {
    await this.loop;
    await Promise.all([...this.turns.values()].map((turns) => turns.ended()));
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (; !signal.aborted; await this.idle()) {
      if (!this.woken && performance.now() < (this.heldOffUntil ?? 0)) continue;
      this.woken = false;
      this.heldOffUntil = undefined;
      const waiting = [...this.drained];
      try {
        const partitions = await waitingPartitions(this.dataSource, this.options.partitionCount);
        for (const partitionId of partitions) this.turnsOf(partitionId).begin();
        if (partitions.length === 0) {
          this.noteBack();
          this.tellDrained(waiting);
        }
      } catch (error) {
        this.noteAway(error);
      }
    }
  }

  private async send(partitionId: number): Promise<BatchSent> {
    await this.checkPartitions();
    const sent = await this.sendBatch(partitionId);
    if (sent !== 'busy') this.noteBack();
    if (this.drained.length > 0) this.wake();
    return sent;
  }

  private async sendBatch(partitionId: number): Promise<BatchSent> {
    const outcome = await this.partition.relay(partitionId);
    if (outcome.kind === 'busy') return 'busy';
    const { published, rejected, more } = outcome;
    for (const error of rejected) this.logger.error(`set aside in outbox_rejected: ${error.message}`);
    this.metrics.count(published, rejected.length);
    return more ? 'more' : 'all';
  }

  /** At once, and not with the first event: nobody looks at the log then. */
  private async tellWrongHub(): Promise<void> {
    try {
      await this.checkPartitions();
    } catch (error) {
      // An engine that is away is told of with the first event that waits for it.
      if (error instanceof PartitionCountError) this.logger.error(error.message);
    }
  }

  /** A hub with another number of partitions would get customers' events into partitions that nobody expects them in. */
  private async checkPartitions(): Promise<void> {
    if (this.partitionsChecked) return;
    const ids = await this.sender.partitionIds();
    if (ids.length !== this.options.partitionCount) {
      throw new PartitionCountError(
        `the hub has ${ids.length} partitions, EVENTHUB_PARTITION_COUNT says ${this.options.partitionCount}: nothing is sent`,
      );
    }
    this.partitionsChecked = true;
  }

  private turnsOf(partitionId: number): PartitionTurns {
    const known = this.turns.get(partitionId);
    if (known) return known;
    const turns = new PartitionTurns({
      send: () => this.send(partitionId),
      failed: (error) => this.noteAway(error),
      pollIntervalMs: this.options.pollIntervalMs,
      stopping: this.stopping.signal,
    });
    this.turns.set(partitionId, turns);
    return turns;
  }

  private async idle(): Promise<void> {
    if (this.woken) return;
    const poll = new AbortController();
    this.rouse = () => poll.abort();
    await pause(this.options.pollIntervalMs, poll.signal);
    this.rouse = undefined;
  }

  private tellDrained(waiting: readonly (() => void)[]): void {
    this.drained = this.drained.filter((resolve) => !waiting.includes(resolve));
    for (const resolve of waiting) resolve();
  }

  private noteAway(error: unknown): void {
    if (!this.away && !this.stopping.signal.aborted) {
      this.logger.warn(`events wait in the outbox, trying on: ${messageOf(error)}`);
    }
    this.away = true;
  }

  private noteBack(): void {
    if (this.away) this.logger.log('nothing holds the outbox up any more');
    this.away = false;
  }
}
