import type { Customer, EventOf, EventType } from '@app/contracts';
import * as fc from 'fast-check';
import { anEvent } from './an-event.js';

/**
 * What a hub may tell of a few customers: each is added, then changes in the wanted types, versions without a gap; some are
 * erased in the end. Customers are mixed, each one's events are in order.
 */
export function lives<Type extends EventType>(
  types: readonly Type[],
  { customers = 4, changes = 5 } = {},
): fc.Arbitrary<EventOf<Type | 'CustomerAdded' | 'CustomerErased'>[]> {
  const life = fc
    .record({
      id: fc.uuid({ version: 7 }),
      first: anEvent('CustomerAdded'),
      later: fc.array(anEvent<EventType>(types), { maxLength: changes }),
      erased: fc.option(anEvent('CustomerErased'), { freq: 4 }),
    })
    .map(({ id, first, later, erased }) =>
      [first, ...later.filter(({ type }) => type !== 'CustomerErased'), ...(erased ? [erased] : [])].map(
        (event, index) => told(event, id, index + 1),
      ),
    );
  return fc
    .tuple(
      fc.array(life, { minLength: 1, maxLength: customers }),
      fc.array(fc.nat(customers), { maxLength: customers * changes }),
    )
    .map(([all, turns]) => mixed(all, turns)) as fc.Arbitrary<
    EventOf<Type | 'CustomerAdded' | 'CustomerErased'>[]
  >;
}

const at = '2026-01-01T00:00:00.000Z';
/** What is filled in where an event came out erased: that is said by the key, and not by the event. */
const someone: Customer = {
  id: '',
  version: 1,
  accountNumber: 'A-1',
  givenName: 'Kari',
  familyName: 'Nordmann',
  addresses: {},
  preferences: {},
  consents: {},
  createdAt: at,
  updatedAt: at,
};

function told(event: EventOf, id: string, version: number): EventOf {
  const about: EventOf = { ...event, subject: id, customerversion: version };
  if (about.type === 'CustomerErased') return about;
  const { personal, ...rest } = about.data;
  const current = { ...(personal?.current ?? someone), id, version };
  return {
    ...about,
    data: { ...rest, personal: { current, previous: personal?.previous ?? {} }, erased: undefined },
  } as EventOf;
}

function mixed(all: readonly EventOf[][], turns: readonly number[]): EventOf[] {
  const left = all.map((events) => [...events]);
  const order = [...turns];
  const log: EventOf[] = [];
  while (left.some(({ length }) => length > 0)) {
    const turn = left[(order.shift() ?? 0) % left.length];
    const next = (turn?.length ? turn : left.find(({ length }) => length > 0))?.shift();
    if (next) log.push(next);
  }
  return log;
}
