import { profileSource } from '@app/contracts';
import { invalid, type ProblemMember } from '@app/service-defaults';
import { z } from 'zod';
import type { GridAttributes, GridEvent } from '../domain/event.js';

const mostEvents = 1_000;

/** CloudEvents 1.0 §2: a String has no control characters; bounded, because it is kept and looked up. */
const text = z
  .string()
  .min(1)
  .max(1_024)
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
  .refine((value) => value.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(value), 'has control characters');
const time = z.iso.datetime({ offset: true });
/** What profile says of customers, nobody else can say: a handler tells them apart by their source. */
const source = text.refine(
  (value) => value !== profileSource,
  `must not be ${profileSource}, which is the platform’s own`,
);

const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: text,
  type: text,
  source,
  subject: text.optional(),
  time: time.optional(),
  datacontenttype: text.optional(),
  dataschema: text.optional(),
  data: z.unknown().optional(),
  data_base64: z.base64().optional(),
});
const gridEvent = z.strictObject({
  id: text,
  eventType: text,
  eventTime: time,
  subject: text,
  data: z.unknown().optional(),
  dataVersion: z.string().max(100).nullish(),
  metadataVersion: z.string().max(100).nullish(),
  topic: source.nullish(),
});

type GridSchemaEvent = z.output<typeof gridEvent>;

/** What events of Event Grid's schema come from where they do not say it. */
const ownTopic = '/event-grid';

/** Attributes of strangers: CloudEvents 1.0 §3.1 allows letters and digits in their names, and no objects. */
const extensionName = /^[a-z0-9]{1,100}$/;

/**
 * One event or a batch, in either schema, as the media type and the members say. @throws a 400 problem that names the place
 */
export function publishedEvents(body: unknown): GridEvent[] {
  const isBatch = Array.isArray(body);
  const items: readonly unknown[] = isBatch ? body : [body];
  if (items.length === 0 || items.length > mostEvents) {
    throw invalid([{ pointer: '', detail: `must be one to ${mostEvents} events` }]);
  }
  const errors: ProblemMember[] = [];
  const events = items.flatMap((item, index) => {
    const at = isBatch ? `/${index}` : '';
    const isCloudEvent = typeof item === 'object' && item !== null && 'specversion' in item;
    const parsed = (isCloudEvent ? cloudEvent : gridEvent).safeParse(item);
    if (!parsed.success) {
      errors.push(
        ...parsed.error.issues.map(({ path, message }) => ({
          pointer: `${at}${path.map((segment) => `/${String(segment)}`).join('')}`,
          detail: message,
        })),
      );
      return [];
    }
    if (!isInRange(item)) errors.push({ pointer: at, detail: 'holds a number that is out of range' });
    return [isCloudEvent ? fromCloudEvent(item, at, errors) : fromGridEvent(parsed.data as GridSchemaEvent)];
  });
  if (errors.length > 0) throw invalid(errors.slice(0, 50));
  return events;
}

/** Binary data stays as it is: `data_base64` is a member of the envelope, and goes out as it came in. */
function fromCloudEvent(item: object, at: string, errors: ProblemMember[]): GridEvent {
  const { specversion: _, data, ...attributes } = item as Record<string, unknown>;
  if (data !== undefined && 'data_base64' in attributes) {
    errors.push({ pointer: `${at}/data_base64`, detail: 'must not be there beside data' });
  }
  for (const [name, value] of Object.entries(attributes)) {
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
    if (name !== 'data_base64' && (!extensionName.test(name) || !isPlain)) {
      errors.push({ pointer: `${at}/${name}`, detail: 'is no attribute of CloudEvents 1.0' });
    }
  }
  return { attributes: attributes as GridAttributes, data };
}

function fromGridEvent({
  id,
  eventType,
  eventTime,
  subject,
  data,
  dataVersion,
  topic,
}: GridSchemaEvent): GridEvent {
  const attributes = {
    id,
    type: eventType,
    source: topic ?? ownTopic,
    subject,
    time: eventTime,
    ...(dataVersion ? { dataversion: dataVersion } : {}),
  };
  return { attributes, data };
}

/** A number such as 1e400 is read as infinite, and would go out as null. Bodies are nested no deeper than code may recurse. */
function isInRange(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isInRange);
}
