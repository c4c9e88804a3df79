import { randomUUID } from 'node:crypto';
import { type Customer, type CustomerEvent, type EventType, seal } from '@app/contracts';
import * as fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import type { KeyRing } from '@app/testing/consumer';

/** What may happen to a customer after it was added. */
const changes = [
  'CustomerNameChanged',
  'ContactDetailsChanged',
  'AddressChanged',
  'AddressRemoved',
  'PreferencesChanged',
] as const;
type Change = (typeof changes)[number];

/** A customer's life: what it begins with, what changes, whether it is erased in the end. */
export interface Life {
  email: boolean;
  changes: Change[];
  erased: boolean;
}

/** How a log that tells of lives came to be. */
export interface Telling {
  lives: Life[];
  /** Whose turn it is to tell its next event. */
  turns: number[];
  /** After so many records the relay sends the last few again. */
  resends: { after: number; events: number }[];
}

export const aLife: fc.Arbitrary<Life> = fc.record({
  email: fc.boolean(),
  changes: fc.array(fc.constantFrom(...changes), { maxLength: 5 }),
  erased: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});

export const aTelling: fc.Arbitrary<Telling> = fc.record({
  lives: fc.array(aLife, { minLength: 1, maxLength: 3 }),
  turns: fc.array(fc.nat(2), { maxLength: 20 }),
  resends: fc.array(fc.record({ after: fc.nat(20), events: fc.integer({ min: 1, max: 5 }) }), {
    maxLength: 3,
  }),
});

/** One customer's events in order, and the state after each. */
export interface Story {
  id: string;
  erased: boolean;
  events: CustomerEvent<unknown>[];
  states: Customer[];
}

export function storyOf({ email, changes, erased }: Life, keys: KeyRing): Story {
  const id = randomUUID();
  const story: Story = { id, erased, events: [], states: [] };
  let state = newCustomer(id, email);
  tell(story, keys, 'CustomerAdded', [], state, {});
  for (const change of changes) {
    const before = state;
    state = changed(before, change);
    const type = change === 'AddressRemoved' ? 'AddressChanged' : change;
    const { addresses, familyName, email: address } = before;
    tell(story, keys, type, pathOf(type), state, {
      addresses,
      familyName,
      ...(address && { email: address }),
    });
  }
  if (erased) {
    story.states.push({ ...state, version: state.version + 1 });
    story.events.push(eventOf(id, state.version + 1, 'CustomerErased', { changed: [] }));
    keys.erase(id);
  }
  return story;
}

/** Each customer's events in their order, the customers in any; what the relay sends again comes again. */
export function tellAll({ turns, resends }: Telling, stories: readonly Story[]): CustomerEvent<unknown>[] {
  const left = stories.map(({ events }) => [...events]);
  const log: CustomerEvent<unknown>[] = [];
  const due = [...turns];
  while (left.some((events) => events.length > 0)) {
    const turn = due.shift() ?? 0;
    const mine = left[turn % left.length]?.length
      ? left[turn % left.length]
      : left.find(({ length }) => length > 0);
    const next = mine?.shift();
    if (next) log.push(next);
    for (const { after, events } of resends.filter((resend) => resend.after === log.length))
      log.push(...log.slice(Math.max(0, after - events), after));
  }
  return log;
}

function tell(
  story: Story,
  keys: KeyRing,
  type: EventType,
  changed: string[],
  current: Customer,
  previous: Partial<Customer>,
): void {
  const personal = seal({ current, previous }, story.id, keys.keyOf(story.id));
  story.states.push(current);
  story.events.push(eventOf(story.id, current.version, type, { changed, personal }));
}

const eventOf = (subject: string, customerversion: number, type: EventType, data: object) => ({
  id: uuidv7(),
  type,
  source: '/profile',
  subject,
  time: '2026-01-01T00:00:00.000Z',
  customerversion,
  data,
});

function newCustomer(id: string, email: boolean): Customer {
  return {
    id,
    version: 1,
    accountNumber: `A-${id}`,
    givenName: 'Ada',
    familyName: 'Version1',
    ...(email && { email: 'v1@example.com' }),
    addresses: {},
    preferences: {},
    consents: {},
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

function changed(before: Customer, change: Change): Customer {
  const version = before.version + 1;
  const next = { ...before, version };
  if (change === 'CustomerNameChanged') return { ...next, familyName: `Version${version}` };
  if (change === 'ContactDetailsChanged') return { ...next, email: `v${version}@example.com` };
  if (change === 'AddressRemoved') return { ...next, addresses: {} };
  if (change === 'PreferencesChanged') return { ...next, preferences: { seen: version } };
  return { ...next, addresses: { home: { line1: `${version} First St`, city: 'Lyon', country: 'FR' } } };
}

function pathOf(type: EventType): string[] {
  const paths: Partial<Record<EventType, string>> = {
    CustomerNameChanged: 'familyName',
    ContactDetailsChanged: 'email',
    AddressChanged: 'addresses.home',
    PreferencesChanged: 'preferences.seen',
  };
  const path = paths[type];
  return path === undefined ? [] : [path];
}
