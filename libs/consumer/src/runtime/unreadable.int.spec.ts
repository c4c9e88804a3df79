import { type CustomerEvent, seal } from '@app/contracts';
import { metrics } from '@app/service-defaults';
import { type StartedBroker, startBroker, testDatabase } from '@app/testing';

import { randomUUID } from 'node:crypto';
import { NoteEach } from '../../test-support/handlers.js';
import { customer, sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { listSetAside } from '../set-aside/sql/list-set-aside.js';

describe('an event in a form that nobody here knows', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(3) });
  });
  beforeEach(async () => {
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  const later = (id: string): CustomerEvent => ({
    ...sealedEvent(stage.keys, id, 1),
    dataschema: '/schemas/AddressChanged/v2.json',
  });
  const misfit = (id: string): CustomerEvent => {
    const personal = { current: { ...customer(id, 1), givenName: { very: 'personal' } }, previous: {} };
    const event = sealedEvent(stage.keys, id, 1);
    return { ...event, data: { ...event.data, personal: seal(personal, id, stage.keys.keyOf(id)) } };
  };
  const known = (id: string): CustomerEvent => ({
    ...sealedEvent(stage.keys, id, 2),
    dataschema: 'https://profile.example.org/schemas/AddressChanged/v1.json',
  });

  it('is parked at once, with a reason that says nothing personal; others flow', async () => {
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const sent = [later(a), misfit(b), known(a), known(c)];
    await stage.send(...sent);
    const { waits } = await stage.start([NoteEach]);
    const states = sent.map(async ({ id }) => (await waits.whenProcessed(id, { timeoutMs: 10_000 })).state);
    expect(await Promise.all(states)).toEqual(['parked', 'parked', 'parked', 'applied']);
    const rows = await listSetAside(stage.statements(), {}, { after: undefined, limit: 10 });
    const reasons = new Map(rows.map(({ eventId, reason }) => [eventId, reason]));
    expect(reasons.get(sent[0]?.id ?? '')).toBe(
      'dataschema names AddressChanged v2; known is AddressChanged v1',
    );
    expect(reasons.get(sent[1]?.id ?? '')).toBe(
      'data does not match its schema: /personal/current/givenName must be text, and not empty',
    );
  });

  it('is passed over where the consumer says so, and counted', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const sent = [later(a), misfit(b), known(a)];
    await stage.send(...sent);
    const { waits, events } = await stage.start([NoteEach], { onUnreadable: 'skip' });
    const told: string[] = [];
    events.on('unreadableSkipped', ({ eventId }) => told.push(eventId));
    const before = await counted();
    const states = sent.map(async ({ id }) => (await waits.whenProcessed(id, { timeoutMs: 10_000 })).state);
    expect(await Promise.all(states)).toEqual(['ignored', 'ignored', 'applied']);
    expect(new Set(told)).toEqual(new Set([sent[0]?.id, sent[1]?.id]));
    expect((await counted()) - before).toBe(2);
    expect(await stage.setAside()).toEqual([]);
  });

  it('is somebody else’s affair when the event is not the platform’s own', async () => {
    const foreign = { ...misfit(randomUUID()), source: '/crm' };
    await stage.send(foreign);
    const { effects } = await stage.start([NoteEach]);
    const { state } = await effects.effectOf(foreign.id, 10_000, { source: '/crm' });
    expect(state).toBe('applied');
  });

  async function counted(): Promise<number> {
    const { values } = (await metrics.getSingleMetric('consumer_unreadable_skipped_total')?.get()) ?? {
      values: [],
    };
    return values.reduce((sum, { value }) => sum + value, 0);
  }
});
