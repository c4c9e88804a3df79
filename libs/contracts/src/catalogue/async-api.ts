import { toApplicationProperties } from '../events/amqp-binding.js';
import { schemaForms } from '../events/event-schemas.js';
import { eventTypes, type EventType } from '../events/event-types.js';
import { jsonSchemaOf } from '../versions/json-schemas.js';
import { dataSchemaOf, latestVersionOf } from '../versions/event-versions.js';
import { aboutEvent, exampleOf } from './examples.js';

const schemaFormat = 'application/schema+json;version=draft-2020-12';
const text = { type: 'string' };

/** CloudEvents attributes as application properties (AMQP binding, binary mode). */
const headers = {
  type: 'object',
  required: ['specversion', 'id', 'type', 'source', 'subject'].map((name) => `cloudEvents_${name}`),
  properties: {
    cloudEvents_specversion: { const: '1.0' },
    cloudEvents_id: { ...text, format: 'uuid' },
    cloudEvents_type: text,
    cloudEvents_source: text,
    cloudEvents_subject: { ...text, format: 'uuid', description: 'The customer.' },
    cloudEvents_time: { ...text, format: 'date-time' },
    cloudEvents_dataschema: text,
    cloudEvents_traceparent: text,
    cloudEvents_customerversion: { type: 'integer', minimum: 1 },
    cloudEvents_republished: { ...text, format: 'uuid' },
  },
};

/** The stream as an AsyncAPI 3.0 document: one channel, a message for each version of each event, as it travels. */
export function asyncApi(): Record<string, unknown> {
  const names = eventTypes.flatMap((type) => versionsOf(type).map((version) => nameOf(type, version)));
  return {
    asyncapi: '3.0.0',
    id: 'urn:customer-profile:events',
    info: {
      title: 'Customer events',
      version: '1.0.0',
      description:
        'Every change of a customer, in order per customer. `data.personal` is sealed; the schema of what is in it lies beside, as `….opened.json`.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      local: { host: '127.0.0.1:5672', protocol: 'amqp', protocolVersion: '1.0' },
    },
    channels: {
      customerEvents: {
        address: 'customer-events',
        title: 'The Event Hub; the partition goes by the customer id.',
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      tellOfCustomers: {
        action: 'send',
        channel: { $ref: '#/channels/customerEvents' },
        summary: 'apps/profile writes; any consumer group reads.',
      },
    },
    components: {
      messages: Object.fromEntries(eventTypes.flatMap((type) => versionsOf(type).map(messageOf(type)))),
    },
  };
}

const versionsOf = (type: EventType): number[] =>
  Array.from({ length: latestVersionOf(type) }, (_, index) => index + 1);
const nameOf = (type: EventType, version: number): string => (version === 1 ? type : `${type}V${version}`);

const messageOf =
  (type: EventType) =>
  (version: number): [string, object] => {
    const [sealed, opened] = schemaForms.map((form) => jsonSchemaOf(type, form, version));
    const { data: _, ...attributes } = exampleOf(type);
    return [
      nameOf(type, version),
      {
        name: type,
        title: `${type} v${version}`,
        summary: aboutEvent[type],
        contentType: 'application/json',
        headers: { schemaFormat, schema: headers },
        payload: { schemaFormat, schema: sealed },
        examples: [
          {
            name: 'attributes',
            headers: toApplicationProperties({ ...attributes, dataschema: dataSchemaOf(type, version) }),
          },
        ],
        'x-opened-schema': opened,
      },
    ];
  };
