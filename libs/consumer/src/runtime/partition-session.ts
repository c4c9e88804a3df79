import type { PartitionLease, ReceivedEventData } from '@app/event-hubs';

/** The end of a partition's log. */
export interface LogEnd {
  sequenceNumber: number;
  enqueuedAt: Date;
}

/** Where a partition stands in this process. Its lease's sequence number is the row's; `seen` may be further on. */
export class PartitionSession {
  /** The last event that is done with, the skipped ones included. */
  seen: number;
  /** When the engine took it. */
  seenAt: Date | undefined;
  /** As the engine told it last, when somebody asked for the lag. */
  logEnd: LogEnd | undefined;
  /** Skipped events that the row does not show yet. */
  unsaved: { sequenceNumber: number; offset: string } | undefined;
  saveTimer: NodeJS.Timeout | undefined;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(readonly lease: PartitionLease) {
    this.seen = lease.sequenceNumber;
  }

  /** The partition's transactions, one after the other: the next one expects the position that the last one left. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }

  /** These events are done with, but the row does not say so yet. */
  passed({ sequenceNumber, offset, enqueuedTimeUtc }: ReceivedEventData): void {
    this.seen = sequenceNumber;
    this.seenAt = enqueuedTimeUtc;
    this.unsaved = { sequenceNumber, offset };
  }

  /** The row says so now. */
  saved(to: { sequenceNumber: number; offset: string }): void {
    this.lease.sequenceNumber = to.sequenceNumber;
    this.lease.offset = to.offset;
    if (this.unsaved && this.unsaved.sequenceNumber <= to.sequenceNumber) this.unsaved = undefined;
  }

  /** Events between what is done and the log's end. */
  get lagEvents(): number {
    return Math.max(0, (this.logEnd?.sequenceNumber ?? this.seen) - this.seen);
  }

  /** Age of what is waiting: 0 when nothing is. */
  get lagSeconds(): number {
    if (this.lagEvents === 0) return 0;
    const since = this.seenAt ?? this.logEnd?.enqueuedAt;
    return since ? Math.max(0, (Date.now() - since.getTime()) / 1000) : 0;
  }
}
