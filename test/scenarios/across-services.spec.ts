import { randomUUID } from 'node:crypto';
import { eventually, type RunningPlatform, type Written } from '@app/testing';
import { type AnyPlatform, anyPlatform } from '../support/any-platform.js';

interface Parked {
  eventId: string;
  customerId: string;
  state: string;
  attempts: number;
  reason: string;
  waitingBehind: number;
}
interface AuditEntry {
  id: string;
  type: string;
  data: Record<string, unknown>;
}
interface Mail {
  messageId: string;
  to: string[];
}

const home = (line1: string) => ({
  addresses: { home: { line1, city: 'Lyon', postalCode: '69001', country: 'FR' } },
});

describe('a change goes through the platform', () => {
  let any: AnyPlatform;
  let platform: RunningPlatform;

  beforeAll(async () => {
    any = await anyPlatform();
    ({ platform } = any);
  }, 120_000);
  afterAll(() => any.stop(), 30_000);
  afterEach(async () => {
    await platform.request('search-indexer', '/admin/faults', { method: 'DELETE' });
    await platform.post('search-indexer', '/admin/resume');
  });

  /** By whether somebody has subscribed to the type on this platform. */
  const asSubscribed: unknown = expect.stringMatching(/^(applied|ignored)$/);
  const eventIdsOf = (answer: Response): string[] => (answer.headers.get('event-id') ?? '').split(', ');
  const only = ({ eventIds }: Written): string => eventIds[0] as string;
  const statesOf = async (eventId: string, groups?: string[]) => {
    const effects = await platform.effects(eventId, { groups: groups ?? [] });
    return Object.fromEntries(Object.entries(effects.groups).map(([group, { state }]) => [group, state]));
  };
  const found = async (query: string): Promise<string[]> => {
    const path = `/v1/search/customers?q=${encodeURIComponent(query)}`;
    return (await platform.get<{ items: { id: string }[] }>('search-indexer', path)).items.map(
      ({ id }) => id,
    );
  };

  it('and each consumer makes of it what is its own: a new customer is found and audited, and gets no mail', async () => {
    const familyName = `N${randomUUID().replaceAll(/[^a-z]/g, '')}`;
    const customer = await platform.addCustomer({ familyName, ...home('1 Rue de la Paix') });
    expect(await statesOf(only(customer))).toEqual({
      'search-indexer': 'applied',
      audit: 'applied',
      'address-notifications': 'ignored',
      'event-grid': asSubscribed,
    });
    expect(await found(familyName)).toEqual([customer.id]);
  });

  it('and a move is mailed to who moved, once, and is in the audit after the customer’s first entry', async () => {
    const email = `${randomUUID()}@example.org`;
    const customer = await platform.addCustomer({ email, ...home('1 Rue de la Paix') });
    const moved = await platform.change(customer, home('2 Rue de la Paix'));
    expect((await statesOf(only(moved)))['address-notifications']).toBe('applied');
    const mails = await eventually(async () => {
      const page = await platform.get<{ items: Mail[] }>('mailbox', `/messages?to=${email}`);
      return page.items.length > 0 && page.items;
    });
    expect(mails.map(({ to }) => to)).toEqual([[email]]);
    const entries = await platform.all<AuditEntry>('audit', `/v1/audit/entries?customerId=${customer.id}`);
    expect(entries.map(({ id, type }) => [id, type]).toSorted(byId)).toEqual(
      [
        [only(customer), 'CustomerAdded'],
        [only(moved), 'AddressChanged'],
      ].toSorted(byId),
    );
  });

  it('and two customers become one everywhere, and two again', async () => {
    const word = () => `N${randomUUID().replaceAll(/[^a-z]/g, '')}`;
    const [own, theirs] = [word(), word()];
    const survivor = await platform.addCustomer({ familyName: own });
    const duplicate = await platform.addCustomer({ familyName: theirs, ...home(`1 Rue ${theirs}`) });
    const merging = await platform.post('profile', `/v1/customers/${survivor.id}/merge`, {
      duplicateId: duplicate.id,
    });
    const applied = {
      'search-indexer': 'applied',
      audit: 'applied',
      'address-notifications': 'ignored',
      'event-grid': asSubscribed,
    };
    for (const eventId of eventIdsOf(merging)) expect(await statesOf(eventId)).toEqual(applied);
    const { mergeId } = (await merging.json()) as { mergeId: string };
    const moved = await platform.request('profile', `/v1/customers/${duplicate.id}`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([308, `/v1/customers/${survivor.id}`]);
    // By the address that it took over, and no more by the name that is nobody's.
    expect(await found(theirs)).toEqual([survivor.id]);
    expect(await found(own)).toEqual([survivor.id]);

    const reverting = await platform.post('profile', `/v1/merges/${mergeId}/revert`);
    for (const eventId of eventIdsOf(reverting)) expect(await statesOf(eventId)).toEqual(applied);
    expect(await found(theirs)).toEqual([duplicate.id]);
    expect(await found(own)).toEqual([survivor.id]);
    const entries = await platform.all<AuditEntry>('audit', `/v1/audit/entries?customerId=${duplicate.id}`);
    expect(entries.map(({ type }) => type)).toEqual([
      'CustomerAdded',
      'CustomersMerged',
      'CustomersUnmerged',
    ]);
  });

  it('and one that a handler cannot take stops its customer alone, until it is redriven in order', async () => {
    const [bad, good] = [await platform.addCustomer(), await platform.addCustomer()];
    await platform.settled();
    await platform.post('search-indexer', '/admin/faults', { customerId: bad.id });
    const poisoned = await platform.change(bad, { familyName: 'Poisoned' });
    const behind = await platform.change(poisoned, { familyName: 'Behind' });
    const other = await platform.change(good, { familyName: 'Flowing' });
    expect(await statesOf(only(other))).toMatchObject({ 'search-indexer': 'applied' });
    const parked = await eventually(
      async () => {
        const path = `/admin/parked?customerId=${bad.id}`;
        const [item] = (await platform.get<{ items: Parked[] }>('search-indexer', path)).items;
        return item ?? false;
      },
      { timeoutMs: 45_000, intervalMs: 100 },
    );
    expect(parked).toMatchObject({ eventId: only(poisoned), attempts: 5, waitingBehind: 1 });
    expect((await platform.effects(only(behind))).groups['search-indexer']).toMatchObject({
      state: 'parked',
    });
    expect(await statesOf(only(behind), ['audit'])).toEqual({ audit: 'applied' });

    await platform.request('search-indexer', '/admin/faults', { method: 'DELETE' });
    await platform.post('search-indexer', `/admin/parked/${bad.id}/redrive`);
    await platform.settled();
    expect(await statesOf(only(behind), ['search-indexer'])).toEqual({ 'search-indexer': 'applied' });
    const account = await platform.get<{ accountNumber: string }>('profile', `/v1/customers/${bad.id}`);
    expect(await found(`Behind ${account.accountNumber}`)).toContain(bad.id);
  }, 60_000);

  it('and waits for a consumer that is paused, while the others go on', async () => {
    await platform.post('search-indexer', '/admin/pause');
    const customer = await platform.addCustomer();
    expect(await statesOf(only(customer), ['audit'])).toEqual({ audit: 'applied' });
    const paused = await platform.effects(only(customer), { groups: ['search-indexer'], waitSeconds: 0 });
    expect(paused.groups['search-indexer']?.state).toBe('pending');
    await platform.post('search-indexer', '/admin/resume');
    expect(await statesOf(only(customer), ['search-indexer'])).toEqual({ 'search-indexer': 'applied' });
  });

  it('and is exported with all that any consumer made of it, which the audit is told', async () => {
    const email = `${randomUUID()}@example.org`;
    const customer = await platform.addCustomer({ email, ...home('1 Rue de la Paix') });
    const moved = await platform.change(customer, home('2 Rue de la Paix'));
    await platform.settled();
    await platform.post('search-indexer', '/admin/faults', { customerId: customer.id });
    const waiting = await platform.change(moved, { familyName: 'Waiting' });
    await platform.effects(only(waiting), { groups: ['audit'] });

    const path = `/v1/customers/${customer.id}/export`;
    const { complete, services } = await platform.get<{
      complete: boolean;
      services: { consumerGroup: string; held: Held }[];
    }>('profile', path);
    expect(complete).toBe(true);
    const held = Object.fromEntries(services.map((service) => [service.consumerGroup, service.held]));
    expect(held['search-indexer']?.document.words).toContain('rue');
    expect(held['search-indexer']?.setAside.events).toMatchObject([
      { eventId: only(waiting), data: { personal: { current: { familyName: 'Waiting' } } } },
    ]);
    expect(held['address-notifications']?.notifications).toMatchObject([{ eventId: only(moved) }]);
    // The fault that was set is in the audit, too, and has nothing personal.
    expect(held['audit']?.entries.flatMap(({ data }) => data.personal?.current.email ?? [])).toEqual(
      Array(3).fill(email),
    );
    const direct = await platform.request('audit', `/admin/personal-data/${customer.id}`);
    expect(direct.status).toBe(403);

    const told = await eventually(async () => {
      const entries = await platform.all<AuditEntry>('audit', `/v1/audit/entries?customerId=${customer.id}`);
      return entries.find(({ type }) => type === 'PersonalDataAccessed') ?? false;
    });
    expect(told).toMatchObject({ data: { access: 'export' } });
  });

  it('and one given up by an operator does not hold the rest of its customer up', async () => {
    const customer = await platform.addCustomer();
    await platform.settled();
    await platform.post('search-indexer', '/admin/faults', { customerId: customer.id });
    const bad = await platform.change(customer, { familyName: 'Mistake' });
    const behind = await platform.change(bad, { familyName: 'Righted' });
    await eventually(async () => {
      const effects = await platform.effects(only(bad), { groups: ['search-indexer'], waitSeconds: 0 });
      return effects.groups['search-indexer']?.state === 'retrying';
    });
    await platform.post('search-indexer', `/admin/parked/${only(bad)}/discard`, { reason: 'typed wrongly' });
    await platform.request('search-indexer', '/admin/faults', { method: 'DELETE' });
    expect(await statesOf(only(behind), ['search-indexer'])).toEqual({ 'search-indexer': 'applied' });
    expect(await statesOf(only(bad), ['search-indexer'])).toEqual({ 'search-indexer': 'discarded' });
    const acts = await eventually(async () => {
      const entries = await platform.all<AuditEntry>('audit', `/v1/audit/entries?customerId=${customer.id}`);
      const found = entries.filter(({ type }) => type === 'AdministrativeActRecorded');
      return found.some(({ data }) => data.act === 'discard') && found;
    });
    expect(acts.find(({ data }) => data.act === 'discard')?.data).toMatchObject({
      outcome: 'done',
      consumerGroup: 'search-indexer',
      details: { eventId: only(bad), reason: 'typed wrongly' },
    });
  });
});

interface Held {
  document: { found: object; words: string[] };
  notifications: { eventId: string }[];
  entries: { id: string; data: { personal?: { current: { email: string } } } }[];
  setAside: { events: { eventId: string; data: { personal: { current: object } } }[] };
}

const byId = ([a = '']: string[], [b = '']: string[]): number => (a < b ? -1 : 1);
