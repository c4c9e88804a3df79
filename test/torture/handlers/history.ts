import { randomUUID } from 'node:crypto';
import { type Customer, type CustomerEvent, type EventType, seal } from '@app/contracts';
import * as fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import type { KeyRing } from '@app/testing/consumer';
import type { Story } from './story.js';
import { aUnion, type Union, unite } from './union.js';

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
  union?: Union | undefined;
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
  union: fc.option(aUnion, { nil: undefined }),
  turns: fc.array(fc.nat(2), { maxLength: 20 }),
  resends: fc.array(fc.record({ after: fc.nat(20), events: fc.integer({ min: 1, max: 5 }) }), {
    maxLength: 3,
  }),
});

/** What happened to each, one after the other: what it went through, then whom it was merged with, then its end. */
export function storiesOf({ lives, union }: Telling, keys: KeyRing): Story[] {
  const stories = lives.map((life) => storyOf(life, keys));
  if (union) unite(stories, union, keys);
  for (const [index, story] of stories.entries()) {
    // A merged duplicate cannot be erased alone, and is erased with its survivor.
    const erased = story.mergedAway ? stories[union?.survivor ?? -1]?.erased : lives[index]?.erased;
    if (erased) erase(story, keys);
  }
  return stories;
}

function storyOf({ email, changes }: Life, keys: KeyRing): Story {
  const id = randomUUID();
  const story: Story = { id, erased: false, mergedAway: false, events: [], states: [] };
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
  return story;
}

function erase(story: Story, keys: KeyRing): void {
  const state = story.states.at(-1) as Customer;
  const version = state.version + 1;
  story.erased = true;
  story.states.push({ ...state, version });
  story.events.push(eventOf(story.id, version, 'CustomerErased', { changed: [] }));
  keys.erase(story.id);
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
