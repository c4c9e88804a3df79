import { crc32 } from 'node:zlib';
import { inboxKey } from '@app/consumer';
import { attributeOf, open } from '@app/contracts';
import { EventHubsReader, type ReceivedEventData } from '@app/event-hubs';
import type { LogObservation } from '../checker/evidence.js';

/** Opens the sealed personal data of a customer, where its key is at hand. */
export type Keys = ReadonlyMap<string, Buffer>;

/** Reads the whole hub and keeps what it sees of each record. */
export class LogObserver {
  readonly seen: LogObservation[] = [];
  private readonly reader: EventHubsReader;

  /** @param keys without them, what the records say stays sealed */
  constructor(
    private readonly name: string,
    connectionString: string,
    private readonly keys?: Keys,
  ) {
    this.reader = new EventHubsReader({
      settings: { connectionString, eventHubName: 'customer-events' },
      consumerGroup: '$Default',
      from: 'earliest',
      onEvents: (events, partition) => {
        for (const event of events) this.seen.push(this.observation(event, partition));
      },
    });
    this.reader.start();
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private observation(event: ReceivedEventData, partition: string): LogObservation {
    const { properties = {}, sequenceNumber, offset } = event;
    const body = Buffer.from(event.body as Uint8Array);
    const eventId = String(attributeOf(properties, 'id'));
    const source = String(attributeOf(properties, 'source'));
    const subject = String(attributeOf(properties, 'subject'));
    const version = Number(attributeOf(properties, 'customerversion') ?? Number.NaN);
    return {
      observer: this.name,
      partition,
      sequenceNumber,
      offset,
      crc: contentOf(properties, body),
      eventId,
      ...(source !== '/profile' && { inboxKey: inboxKey(eventId, source) }),
      type: String(attributeOf(properties, 'type')),
      subject,
      version,
      tokens: Number.isNaN(version) ? [] : this.tokensOf(subject, body),
    };
  }

  private tokensOf(subject: string, body: Buffer): string[] {
    const key = this.keys?.get(subject);
    if (!key) return [];
    const { personal } = JSON.parse(body.toString()) as { personal?: string };
    if (personal === undefined) return []; // what an administrator did about the customer
    const { current } = open(personal, key) as { current: TokenHolder };
    return tokensOf(current);
  }
}

/** One number for what a record says: its application properties, in any order, and its body. */
export function contentOf(properties: Readonly<Record<string, unknown>>, body: Buffer): number {
  const sorted = Object.entries(properties).toSorted(([a], [b]) => a.localeCompare(b));
  return crc32(body, crc32(JSON.stringify(sorted)));
}

export interface TokenHolder {
  familyName: string;
  addresses: { home?: { line1: string } };
}

/** The fields in which writes leave their tokens. */
export const tokensOf = ({ familyName, addresses }: TokenHolder): string[] =>
  [...new Set([familyName, addresses.home?.line1 ?? ''])].filter((token) => token !== '');
