import type { OpenProducer } from '../engine/producers.js';
import { partitionKeyIn, StampedEvent } from './annotations.js';
import { producerMarkIn } from './producer-marks.js';
import { layoutOf, splitBatch } from './wire/messages.js';
import { WireError } from './wire/wire-error.js';

/** §3 of Azure's contracts: a message of this format holds others, one a data section. */
const BATCH_FORMAT = 0x80013700;

/** The events of one message, ready to be stamped, and the partition key of the message. */
export interface SentEvents {
  readonly events: readonly StampedEvent[];
  readonly key: string | undefined;
}

/**
 * Checks a message and takes it apart.
 * @throws WireError amqp:decode-error
 */
export function readEvents(message: Buffer, format: number): SentEvents {
  if (format !== BATCH_FORMAT) {
    const layout = layoutOf(message);
    const key = partitionKeyIn(message, layout.annotations);
    return { events: [new StampedEvent(message, layout, key)], key };
  }
  const { messages, annotations } = splitBatch(message);
  const key = partitionKeyIn(message, annotations);
  const events = messages.map(
    (layout) => new StampedEvent(message, layout, key ?? partitionKeyIn(message, layout.annotations)),
  );
  return { events, key };
}

/**
 * The same for an idempotent producer, with the number of the first event. The numbers stay on the events:
 * they are what is found after a crash.
 * @throws WireError amqp:decode-error; com.microsoft:argument-error for an event that is not numbered as the
 * producer's next one
 */
export function readNumberedEvents(
  message: Buffer,
  format: number,
  producer: OpenProducer,
): { events: readonly StampedEvent[]; first: number } {
  const messages = format === BATCH_FORMAT ? splitBatch(message).messages : [layoutOf(message)];
  let first: number | undefined;
  const events = messages.map((layout, i) => {
    const mark = producerMarkIn(message, layout.annotations);
    if (mark === undefined || mark.id !== producer.id || mark.epoch !== producer.epoch) {
      throw notNumbered(`event ${i} lacks the id ${producer.id}, the epoch ${producer.epoch} or a number`);
    }
    first ??= mark.lastSequence;
    if (mark.lastSequence !== (first + i) % 2 ** 31)
      throw notNumbered(`event ${i} has number ${mark.lastSequence}`);
    return new StampedEvent(message, layout, partitionKeyIn(message, layout.annotations), true);
  });
  return { events, first: first as number };
}

const notNumbered = (what: string): WireError =>
  new WireError('com.microsoft:argument-error', `Not a batch of an idempotent producer: ${what}.`);
