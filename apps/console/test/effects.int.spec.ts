import { aCustomer, anAddress, eventually } from '@app/testing';
import { randomUUID } from 'node:crypto';
import type { Effects } from '../src/domain/effect.js';
import { consumers, Services } from './services.js';

interface Page {
  items: Record<string, unknown>[];
}

describe('an event, from profile to the last effect', () => {
  let services: Services;
  let customer: { id: string };
  let added: string;

  beforeAll(async () => {
    services = await Services.start();
    const response = await services.call('profile', '/v1/customers', {
      method: 'POST',
      body: JSON.stringify(aCustomer({ accountNumber: 'AW-1' })),
    });
    added = response.headers.get('event-id') ?? '';
    customer = (await response.json()) as { id: string };
  }, 90_000);
  afterAll(() => services.stop());

  const effectsOf = (eventId: string, query: string) =>
    services.get<Effects>('console', `/v1/events/${eventId}/effects?${query}`);

  it('is settled when every group has dealt with it', async () => {
    expect(await effectsOf(added, 'wait=20s')).toEqual({
      eventId: added,
      settled: true,
      groups: {
        'search-indexer': { state: 'applied', at: expect.any(String) },
        // By its position, which tells no time, or by the process that saw the event pass.
        'address-notifications': expect.objectContaining({ state: 'ignored' }) as unknown,
        audit: { state: 'applied', at: expect.any(String) },
      },
    });
  });

  it('can be searched, and is in the audit, then', async () => {
    const found = await services.get<Page>('search-indexer', '/v1/search/customers?q=zoe%20yanes');
    expect(found.items).toMatchObject([{ id: customer.id, accountNumber: 'AW-1' }]);
    const entries = await services.get<Page>('audit', `/v1/audit/entries?customerId=${customer.id}`);
    expect(entries.items).toMatchObject([{ id: added, type: 'CustomerAdded', position: 1 }]);
    expect(JSON.stringify(entries)).not.toContain('zoe@example.com');
    expect(await services.get('audit', '/v1/audit/verify')).toEqual({ valid: true, entries: 1 });
  });

  it('becomes a mail when it is a move', async () => {
    const response = await services.call('profile', `/v1/customers/${customer.id}/addresses/home`, {
      method: 'PUT',
      headers: { 'if-match': '"1"' },
      body: JSON.stringify(anAddress({ city: 'Perth' })),
    });
    const moved = response.headers.get('event-id') ?? '';
    expect(await effectsOf(moved, 'groups=address-notifications,search-indexer&wait=20s')).toMatchObject({
      settled: true,
    });
    const path = `/v1/notifications?customerId=${customer.id}`;
    const sent = await eventually(async () => {
      const { items } = await services.get<Page>('address-notifications', path);
      return items[0]?.['status'] === 'sent' && items;
    });
    expect(sent).toMatchObject([{ eventId: moved, type: 'AddressChanged', attempts: 1 }]);
    expect(services.mails).toHaveLength(1);
    expect(services.mails[0]).toContain(`Message-ID: <${moved}@`);
    const found = await services.get<Page>('search-indexer', '/v1/search/customers?q=yanez&city=perth');
    expect(found.items).toHaveLength(1);
  });

  it('stays pending, and the answer 200, when nobody has seen it', async () => {
    const unknown = randomUUID();
    const { settled, groups } = await effectsOf(unknown, 'wait=100ms');
    expect(settled).toBe(false);
    expect(groups).toEqual(Object.fromEntries(consumers.map((name) => [name, { state: 'pending' }])));
  });

  it('stays pending in a group that is down, and settles when the group is back', async () => {
    const search = services.services.get('search-indexer');
    process.kill(search?.pid ?? 0, 'SIGSTOP');
    const groups = 'groups=search-indexer,audit';
    const response = await services.call('profile', `/v1/customers/${customer.id}`, {
      method: 'PATCH',
      headers: { 'if-match': '"2"', 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ givenName: 'Zora' }),
    });
    const renamed = response.headers.get('event-id') ?? '';
    const meanwhile = await effectsOf(renamed, `${groups}&wait=300ms`).finally(() =>
      process.kill(search?.pid ?? 0, 'SIGCONT'),
    );
    expect(meanwhile).toMatchObject({ settled: false, groups: { 'search-indexer': { state: 'pending' } } });
    expect(await effectsOf(renamed, `${groups}&wait=20s`)).toMatchObject({ settled: true });
  });

  it.each([
    ['no UUID', '/v1/events/7/effects'],
    ['too long a wait', `/v1/events/${randomUUID()}/effects?wait=31s`],
    ['a wait without a unit', `/v1/events/${randomUUID()}/effects?wait=5`],
    ['an unknown group', `/v1/events/${randomUUID()}/effects?groups=audit,nobody`],
    ['a group that no text holds', `/v1/events/${randomUUID()}/effects?groups=audit%00`],
    ['an id of any length', `/v1/events/${'7'.repeat(500)}/effects`],
    ['an unknown parameter', `/v1/events/${randomUUID()}/effects?group=audit`],
  ])('%s is a problem', async (_, path) => {
    const response = await services.call('console', path);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it.each([
    ['console', `/v1/events/${randomUUID()}/effects`, 'customers:read'],
    ['search-indexer', '/v1/search/customers?q=a', 'events:read'],
    ['address-notifications', '/v1/notifications', 'events:read'],
    ['audit', '/v1/audit/entries', 'customers:read'],
    ['audit', '/v1/audit/verify', 'customers:read'],
  ] as const)('%s %s needs a token, and the right scope', async (name, path, wrong) => {
    expect((await fetch(services.url(name) + path)).status).toBe(401);
    expect((await services.call(name, path, { token: await services.issuer.token([wrong]) })).status).toBe(
      403,
    );
    const answer = await services.call(name, path);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  it.each([
    ['search-indexer', '/v1/search/customers?country=XX'],
    ['search-indexer', '/v1/search/customers?q=a&cursor=AAAA'],
    ['search-indexer', '/v1/search/customers?q=a%00'],
    ['search-indexer', '/v1/search/customers?q=a&q=b'],
    ['address-notifications', '/v1/notifications?customerId=1'],
    ['search-indexer', '/v1/search/customers?city=a%01'],
    ['search-indexer', '/v1/search/customers?q=a&cursor=%00'],
    ['address-notifications', '/v1/notifications?customerId=%00'],
    ['address-notifications', '/v1/notifications?cursor=x'],
    ['address-notifications', '/v1/notifications?cursor=%00'],
    ['audit', '/v1/audit/entries?customerId=1'],
    ['audit', '/v1/audit/entries?cursor=x'],
    ['audit', '/v1/audit/entries?cursor=%00'],
    ...['0', '201', '1e2', '0x10', '%205', '', '-1', '1.5', '1&limit=2'].flatMap(
      (limit) =>
        [
          ['search-indexer' as const, `/v1/search/customers?limit=${limit}`],
          ['address-notifications' as const, `/v1/notifications?limit=${limit}`],
          ['audit' as const, `/v1/audit/entries?limit=${limit}`],
        ] as const,
    ),
  ] as const)('%s %s is a problem', async (name, path) => {
    const response = await services.call(name, path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: '/problems/invalid-request',
      errors: [expect.anything()],
    });
  });
});
