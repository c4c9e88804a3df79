import {
  type Customer,
  dataSchemaOf,
  type EventOf,
  type EventType,
  type JsonSchema,
  jsonSchemaOf,
  profileSource,
} from '@app/contracts';
import * as fc from 'fast-check';
import { arbitraryOf } from './schema-arbitrary.js';

/** What a test wants to be so; the rest is anything that the schema allows. With `current` the customer has not been erased. */
export interface EventChanges {
  customerId?: string;
  version?: number;
  /** Paths that the event says were changed. */
  changed?: readonly string[];
  current?: Partial<Customer>;
  previous?: Partial<Customer>;
}

const ids = fc.uuid({ version: 7 });

/**
 * Any event of these types, opened, as a handler gets it: made from the published schema, so that what is optional is
 * sometimes missing, and now and then the customer has been erased. `sample(anEvent('AddressChanged'))` is one.
 */
export function anEvent<Type extends EventType>(
  types: Type | readonly Type[],
  changes: EventChanges = {},
): fc.Arbitrary<EventOf<Type>> {
  return fc.oneof(...[types].flat().map((type) => ofType(type as Type, changes)));
}

function ofType<Type extends EventType>(type: Type, changes: EventChanges): fc.Arbitrary<EventOf<Type>> {
  const versions = fc.integer({ min: 1, max: 1_000 });
  const isSomebody = changes.current !== undefined && type !== 'CustomerErased';
  return fc
    .record({
      id: ids,
      subject: changes.customerId === undefined ? ids : fc.constant(changes.customerId),
      customerversion: changes.version === undefined ? versions : fc.constant(changes.version),
      data: arbitraryOf(jsonSchemaOf(type, 'opened') as JsonSchema),
    })
    .filter(({ data }) => !isSomebody || (data as Data).personal !== null)
    .map(({ id, subject, customerversion, data }) => {
      const event = {
        id,
        type,
        source: profileSource,
        subject,
        time: '2026-01-01T00:00:00.000Z',
        datacontenttype: 'application/json',
        dataschema: dataSchemaOf(type),
        customerversion,
        data: inItself(data as Data, { id: subject, version: customerversion }, changes),
      };
      return event as unknown as EventOf<Type>;
    });
}

interface Data {
  personal: { current: Customer; previous: Partial<Customer> } | null;
  erased?: true;
}

/** The event and its data are about the same customer, and erased is who has no personal data. */
function inItself(data: Data, who: Pick<Customer, 'id' | 'version'>, changes: EventChanges): Data {
  const { personal, erased: _, ...told } = data;
  const rest = { ...told, ...(changes.changed && 'changed' in told && { changed: changes.changed }) };
  if (personal === null) return { ...rest, personal, erased: true };
  const current = { ...personal.current, ...changes.current, ...who };
  return { ...rest, personal: { current, previous: { ...personal.previous, ...changes.previous } } };
}
