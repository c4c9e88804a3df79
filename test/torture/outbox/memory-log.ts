import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { EventHubsSender, OutgoingEvent } from '@app/event-hubs';
import type { LogObservation } from '../checker/evidence.js';
import type { Random } from '@app/testing';

export type Sender = Pick<EventHubsSender, 'send' | 'partitionIds' | 'close'>;

const mostEvents = 20;

/** An engine in memory that is slow at times, refuses, or stores and then fails to say so. */
export class MemoryLog {
  readonly records: LogObservation[] = [];
  failures = 0;
  private readonly lengths = new Map<string, number>();

  constructor(private readonly partitionCount: number) {}

  /** A connection to it: batches of one sender to one partition come in the order in which they end. */
  sender(random: Random): Sender {
    return {
      partitionIds: async () => Array.from({ length: this.partitionCount }, (_, n) => String(n)),
      send: async (partitionId, events) => {
        const taken = events.slice(0, 1 + random.below(mostEvents));
        const fate = random.next();
        await delay(random.chance(0.3) ? random.below(4) : 0);
        if (fate < 0.02) return this.fail('refused');
        for (const event of taken) this.append(partitionId, event);
        if (fate < 0.04) return this.fail('stored, but the acknowledgement was lost');
        return taken.length;
      },
      close: async () => undefined,
    };
  }

  private fail(why: string): never {
    this.failures++;
    throw new Error(why);
  }

  private append(partition: string, { id, applicationProperties, body }: OutgoingEvent): void {
    const sequenceNumber = this.lengths.get(partition) ?? 0;
    this.lengths.set(partition, sequenceNumber + 1);
    this.records.push({
      observer: 'the log',
      partition,
      sequenceNumber,
      offset: String(sequenceNumber),
      crc: crc32(body),
      eventId: id,
      type: String(applicationProperties['cloudEvents_type']),
      subject: String(applicationProperties['cloudEvents_subject']),
      version: Number(applicationProperties['cloudEvents_customerversion']),
      tokens: [],
    });
  }
}
