import type { EventAttributes } from '@app/contracts';

/** An event as it lies on the hub. */
export interface RawEvent {
  attributes: EventAttributes;
  /** The message's body, byte for byte. */
  body: Buffer;
  applicationProperties: Readonly<Record<string, unknown>>;
  partitionId: string;
  sequenceNumber: number;
  offset: string;
  enqueuedTime: Date;
  /** Whether it had its effect before a replay that reads it again. */
  replay: boolean;
}
