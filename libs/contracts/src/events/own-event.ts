import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { CustomerEvent } from './cloud-event.js';
import { isEventType } from './event-types.js';

/** What a consumer says of an event that it writes to the stream itself. */
export interface OwnEventOptions<Data extends z.ZodType> {
  /** The CloudEvents type: a fact, in the past tense, in a name that nobody else uses. */
  type: string;
  /** The CloudEvents source: `/` and the service's name. */
  source: string;
  about: string;
  /** Nothing personal: only what profile writes is sealed and can be taken back. */
  data: z.ZodType<z.output<Data>>;
  example: z.output<Data>;
}

export interface OwnEvent<Data> extends Omit<OwnEventOptions<z.ZodType<Data>>, 'data'> {
  schema: z.ZodType<Data>;
  /** One such fact about a customer, checked, for `OutboxWriter.append`. @throws {z.ZodError} */
  of(customerId: string, data: Data): CustomerEvent<Data>;
}

/** Declares an event of a service's own; the catalogue in docs/events.md takes it from apps/NAME/src/events. */
export function ownEvent<Data extends z.ZodType>({
  data: schema,
  ...event
}: OwnEventOptions<Data>): OwnEvent<z.output<Data>> {
  if (isEventType(event.type)) throw new Error(`${event.type} is an event of the profile service`);
  return {
    ...event,
    schema,
    of: (customerId, data) => ({
      id: uuidv7(),
      type: event.type,
      source: event.source,
      subject: customerId,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      dataschema: `/schemas/${event.type}/v1.json`,
      data: schema.parse(data),
    }),
  };
}
