import type { ProducerState } from '../engine/producers.js';
import { eachEntry } from './annotations.js';
import { layoutOf, type MessageLayout } from './wire/messages.js';
import { integerAt } from './wire/values.js';

/** What an idempotent producer asks for at attach, and is offered. */
export const IDEMPOTENT_PRODUCER = 'com.microsoft:idempotent-producer';

/** In the properties of the attach and in the annotations of each event: who sends, and which number it has. */
export const PRODUCER_ID = 'com.microsoft:producer-id';
export const PRODUCER_EPOCH = 'com.microsoft:producer-epoch';
export const PRODUCER_SEQUENCE = 'com.microsoft:producer-sequence-number';

/** The marks of a producer among a message's annotations; undefined unless all three are there. */
export function producerMarkIn(
  buffer: Buffer,
  entries: NonNullable<MessageLayout['annotations']> | undefined,
): ProducerState | undefined {
  if (entries === undefined) return undefined;
  let [id, epoch, lastSequence]: (number | undefined)[] = [];
  eachEntry(buffer, entries, (name, valueAt) => {
    if (name === PRODUCER_ID) id = integerAt(buffer, valueAt);
    else if (name === PRODUCER_EPOCH) epoch = integerAt(buffer, valueAt);
    else if (name === PRODUCER_SEQUENCE) lastSequence = integerAt(buffer, valueAt);
  });
  if (id === undefined || epoch === undefined || lastSequence === undefined) return undefined;
  return { id, epoch, lastSequence };
}

/** The same of an event as it is stored. */
export const producerMarkOf = (event: Buffer): ProducerState | undefined =>
  producerMarkIn(event, layoutOf(event).annotations);
