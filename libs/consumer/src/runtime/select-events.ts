import { attributeOf, attributesFrom, type EventAttributes } from '@app/contracts';
import { bytesOf, type ReceivedEventData } from '@app/event-hubs';
import type { Properties } from '../filters/handler-filter.js';
import { inboxKey } from '../inbox/inbox-key.js';

/** An event that some handler takes, as far as its application properties tell. */
export interface WantedEvent {
  received: ReceivedEventData;
  attributes: EventAttributes;
  body: Buffer;
  /** Under which the inbox knows it. */
  key: string;
}

/**
 * What is to be made of each received event, in their order:
 * - `wanted`: goes to the handlers
 * - `ignored`: nobody here takes its type, or filters on attributes leave it out; its body stays unread
 * - `foreign`: no CloudEvent, so nobody here can take it
 */
export type Selected = { received: ReceivedEventData } & (
  | { kind: 'wanted'; event: WantedEvent }
  | { kind: 'ignored'; type: string; id: string | undefined; subject: string | undefined }
  | { kind: 'foreign'; reason: string }
);

export type Wants = (type: string, properties: Properties) => boolean;

/** Chooses by application properties alone: what is not wanted costs a look at one property. */
export function selectEvent(received: ReceivedEventData, wants: Wants): Selected {
  const type = attributeOf(received.properties, 'type');
  if (typeof type !== 'string' || type === '') {
    return { received, kind: 'foreign', reason: 'the CloudEvents attribute "type" is missing' };
  }
  if (!wants(type, received.properties)) {
    const id = attributeOf(received.properties, 'id');
    const subject = attributeOf(received.properties, 'subject');
    return { received, kind: 'ignored', type, id: textOf(id), subject: textOf(subject) };
  }
  const result = attributesFrom(received.properties);
  if (!result.success) return { received, kind: 'foreign', reason: result.reason };
  const body = bytesOf(received.body);
  if (!body) return { received, kind: 'foreign', reason: 'the body is not binary' };
  const { attributes } = result;
  return {
    received,
    kind: 'wanted',
    event: { received, attributes, body, key: inboxKey(attributes.id, attributes.source) },
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
