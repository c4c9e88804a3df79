import type { EventEmitter } from 'node:events';
import type { Logger } from '@nestjs/common';
import type { ReceivedEventData } from '@azure/event-hubs';
import type { PartitionLease } from '../checkpoint-store/partition-store.js';
import { FencedError, PartitionStoppedError } from '../errors.js';
import { backOffMs, messageOf, pause } from '@app/service-defaults';
import type { EventHubsEvents } from './event-hubs.events.js';
import type { PartitionProcessor } from './partition-processor.js';

const backOff = { baseMs: 100, maxMs: 5_000 };

export interface PartitionWorkerOptions {
  partitionId: string;
  processor: PartitionProcessor;
  /** The next batch begins no sooner than this after one of fewer than `fullBatch` events. */
  gatherMs: number;
  fullBatch: number;
  /** Asks for the lease anew; rejects with FencedError when the partition is another's. */
  lease: () => Promise<PartitionLease>;
  /** Whether the partition is to be read anew, from elsewhere or by another: an idle reader writes nothing that is refused. */
  isOvertaken: (lease: PartitionLease) => boolean;
  /** Answers whether a gap before this event was met before, at the same place, by an earlier reader of the partition. */
  seenGapBefore: (sequenceNumber: number) => boolean;
  events: EventEmitter<EventHubsEvents>;
  logger: Logger;
}

/**
 * One partition while this process reads it.
 *
 *   new ──lease──▶ open ──process…──▶ open
 *                   │  something needed is away: back-off in place, the same batch again, for as long as it takes
 *                   ├──fenced──────▶ stopped   (the SDK is told by a PartitionStoppedError, and claims anew)
 *                   ├──gap─────────▶ stopped   (once; met again at the same place, the events are gone for good)
 *                   └──stop()──────▶ stopped
 */
export class PartitionWorker {
  private readonly stopping = new AbortController();
  private current: PartitionLease | undefined;
  private running: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;
  /** The sequence number that comes next, once one is known. */
  private next: number | undefined;

  constructor(private readonly options: PartitionWorkerOptions) {}

  /** Takes the lease if it can be had now; otherwise the first batch tries on. */
  async open(): Promise<void> {
    try {
      await this.leased();
    } catch (error) {
      this.options.logger.warn(`partition ${this.options.partitionId} is not open yet: ${messageOf(error)}`);
    }
  }

  /** Returns when the batch is done, and the next one may come. @throws {PartitionStoppedError} and nothing else. */
  async process(received: readonly ReceivedEventData[]): Promise<void> {
    this.running = this.processAndGather(received);
    try {
      await this.running;
    } finally {
      this.running = undefined;
    }
  }

  /** No new work; resolves, for every caller, when the batch in hand has ended and the processor knows. */
  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    this.stopping.abort();
    await this.running?.catch(() => undefined);
    const { current } = this;
    if (!current) return;
    this.current = undefined;
    try {
      await this.options.processor.closed?.(current);
    } catch (error) {
      this.options.logger.warn(`closing partition ${current.partitionId}: ${messageOf(error)}`);
    }
    this.options.events.emit('partitionClosed', current.partitionId);
  }

  private async processAndGather(received: readonly ReceivedEventData[]): Promise<void> {
    const { gatherMs, fullBatch } = this.options;
    const begun = performance.now();
    await this.processUntilDone(received);
    const left = begun + gatherMs - performance.now();
    if (left > 0 && received.length > 0 && received.length < fullBatch)
      await pause(left, this.stopping.signal);
  }

  private async processUntilDone(received: readonly ReceivedEventData[]): Promise<void> {
    const { partitionId, processor, events } = this.options;
    const { signal } = this.stopping;
    for (let failures = 0; ; failures++) {
      if (signal.aborted) throw new PartitionStoppedError(partitionId);
      try {
        const lease = await this.leased();
        if (this.options.isOvertaken(lease)) throw new FencedError(partitionId);
        this.refuseGap(received);
        await processor.process({ lease, events: received, signal });
        if (failures > 0) this.resume();
        const last = received.at(-1);
        if (last) this.next = last.sequenceNumber + 1;
        return;
      } catch (error) {
        if (error instanceof PartitionStoppedError) throw error;
        if (error instanceof FencedError) this.fenced(error);
        if (signal.aborted) throw new PartitionStoppedError(partitionId, error);
        if (failures === 0) this.report(error);
        events.emit('paused', partitionId, error);
        await pause(backOffMs(failures, backOff), signal);
      }
    }
  }

  /** Sequence numbers of a partition are consecutive: what is missing was skipped on the way here, or is past retention. */
  private refuseGap([first]: readonly ReceivedEventData[]): void {
    const { partitionId, logger, seenGapBefore } = this.options;
    if (!first || this.next === undefined || first.sequenceNumber <= this.next) return;
    const missing = `${this.next} to ${first.sequenceNumber - 1} of partition ${partitionId}`;
    if (seenGapBefore(first.sequenceNumber)) {
      logger.error(`events ${missing} are no longer on the hub: going on after them`);
      return;
    }
    logger.warn(`events ${missing} did not come: reading again from the position`);
    throw new PartitionStoppedError(partitionId);
  }

  private async leased(): Promise<PartitionLease> {
    if (this.current) return this.current;
    const lease = await this.options.lease();
    this.current = lease;
    if (lease.sequenceNumber >= 0) this.next ??= lease.sequenceNumber + 1;
    await this.options.processor.opened?.(lease);
    this.options.events.emit('partitionInitialised', lease);
    return lease;
  }

  private fenced(error: FencedError): never {
    const { partitionId, events, logger } = this.options;
    logger.warn(`partition ${partitionId} has another owner or a newer epoch: it stops here`);
    events.emit('fenced', partitionId);
    throw new PartitionStoppedError(partitionId, error);
  }

  private report(error: unknown): void {
    this.options.logger.error(
      `partition ${this.options.partitionId} waits, nothing is skipped: ${messageOf(error)}`,
    );
  }

  private resume(): void {
    this.options.logger.log(`partition ${this.options.partitionId} goes on`);
    this.options.events.emit('resumed', this.options.partitionId);
  }
}
