import type { Customer } from '@app/contracts';
import { aCustomer, anAddress, eventually } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { ProfileApi } from './profile-api.js';

interface Item {
  version: number;
  eventId: string;
  type: string;
  at: string;
  by: string;
  changed: string[];
  role?: string;
  mergeId?: string;
  previous?: Partial<Customer>;
  current?: Partial<Customer>;
}
interface Page {
  items: Item[];
  nextCursor?: string;
}

describe('a customer’s history', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const create = async (change: object = {}): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer(change))).body;
  const patch = (id: string, change: object) =>
    api.call<Customer>('PATCH', `/v1/customers/${id}`, change, { 'if-match': '*' });
  const history = async (id: string, query = ''): Promise<Page> =>
    (await api.call<Page>('GET', `/v1/customers/${id}/history${query}`)).body;
  const subject = (): string =>
    (JSON.parse(Buffer.from(api.token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { sub: string })
      .sub;

  it('tells who changed what when, with the values before and after, when the outbox is empty', async () => {
    const { id } = await create({ addresses: { home: anAddress({ city: 'Oslo' }) } });
    await patch(id, { familyName: 'Lovelace', addresses: { home: { city: 'Bergen' } } });
    const { headers } = await patch(id, { preferences: { language: 'no' } });
    await api.sql.query('DELETE FROM outbox');
    const { items } = await history(id);
    expect(items.map(({ version, type, changed, by }) => [version, type, changed, by])).toEqual([
      [1, 'CustomerAdded', expect.arrayContaining(['familyName', 'addresses']), subject()],
      [2, 'CustomerNameChanged', ['familyName'], subject()],
      [3, 'AddressChanged', ['addresses.home'], subject()],
      [4, 'PreferencesChanged', ['preferences'], subject()],
    ]);
    expect(items[1]).toMatchObject({
      previous: { familyName: 'Yáñez' },
      current: { familyName: 'Lovelace' },
    });
    expect(items[2]).toMatchObject({
      previous: { addresses: { home: { city: 'Oslo' } } },
      current: { addresses: { home: { city: 'Bergen' } } },
    });
    expect(items[2]?.current).not.toHaveProperty('familyName');
    expect(items[3]?.current).toEqual({ preferences: { language: 'no' } });
    expect(headers.get('event-id')).toBe(items[3]?.eventId);
  });

  it('shows no values without the scope for them, and keeps them sealed', async () => {
    const { id } = await create();
    await patch(id, { familyName: 'Canary-in-history' });
    const authorization = `Bearer ${await api.issuer.token(['customers:read'])}`;
    const { body } = await api.call<Page>('GET', `/v1/customers/${id}/history`, undefined, { authorization });
    expect(body.items.map(({ changed }) => changed).at(-1)).toEqual(['familyName']);
    expect(JSON.stringify(body)).not.toContain('Canary');
    const { rows } = await api.sql.query('SELECT * FROM customer_history WHERE customer_id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain('Canary');
  });

  it('leaves an entry for the audit where values are shown, and none where there are none to see', async () => {
    const { id } = await create();
    const accesses = async (): Promise<unknown[]> => {
      const { rows } = await api.sql.query<{ body: string }>(
        `SELECT body FROM outbox WHERE subject = $1 AND attributes ->> 'type' = 'PersonalDataAccessed'`,
        [id],
      );
      return rows.map(({ body }) => JSON.parse(body) as unknown);
    };
    await history(id);
    await patch(id, { familyName: 'Seen' });
    const authorization = `Bearer ${await api.issuer.token(['customers:read'])}`;
    await api.call<Page>('GET', `/v1/customers/${id}/history`, undefined, { authorization });
    expect(await accesses()).toEqual([]);
    const asPerson = { authorization: `Bearer ${await api.issuer.personToken('officer')}` };
    await api.call<Page>('GET', `/v1/customers/${id}/history`, undefined, asPerson);
    expect(await accesses()).toEqual([
      { access: 'export', part: 'history', by: 'officer', client: 'test-app' },
    ]);
  });

  it('comes page by page, and refuses a cursor of somewhere else', async () => {
    const { id } = await create();
    for (let n = 0; n < 6; n++) await patch(id, { familyName: `Name${n}` });
    const versions: number[] = [];
    let query = '?limit=3';
    for (let page = await history(id, query); ; page = await history(id, query)) {
      versions.push(...page.items.map(({ version }) => version));
      if (page.nextCursor === undefined) break;
      query = `?limit=3&cursor=${page.nextCursor}`;
    }
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const wrong of ['x', Buffer.from('h0').toString('base64url'), randomUUID().slice(0, 20)])
      expect((await api.call('GET', `/v1/customers/${id}/history?cursor=${wrong}`)).status).toBe(400);
    expect((await api.call('GET', `/v1/customers/${randomUUID()}/history`)).status).toBe(404);
  });

  it('stays that of each through a merge, and names whom it was with', async () => {
    const [survivor, duplicate] = [await create({ phone: undefined }), await create({ phone: '555 0100' })];
    await patch(duplicate.id, { familyName: 'Before' });
    const { body } = await api.call<{ mergeId: string }>('POST', `/v1/customers/${survivor.id}/merge`, {
      duplicateId: duplicate.id,
    });
    const { items } = await history(survivor.id);
    expect(items.at(-1)).toMatchObject({
      type: 'CustomersMerged',
      role: 'survivor',
      mergeId: body.mergeId,
      duplicateId: duplicate.id,
      changed: ['phone'],
      previous: {},
      current: { phone: '555 0100' },
    });
    const theirs = await history(duplicate.id);
    expect(theirs.items.map(({ type }) => type)).toEqual([
      'CustomerAdded',
      'CustomerNameChanged',
      'CustomersMerged',
    ]);
    await api.call('POST', `/v1/merges/${body.mergeId}/revert`);
    // The key of one takes its values with it, and nothing else.
    await api.sql.query('UPDATE personal_data_key SET key = NULL, erased_at = now() WHERE customer_id = $1', [
      duplicate.id,
    ]);
    const after = await history(survivor.id);
    expect(JSON.stringify(after)).not.toContain('555 0100');
    expect(after.items.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  it('names the import that changed somebody', async () => {
    const { id, accountNumber } = await create();
    const file = JSON.stringify({ accountNumber, phone: '555 0101' });
    const { body } = await api.call<{ id: string }>('POST', '/v1/imports', file, {
      'content-type': 'application/x-ndjson',
    });
    const last = await eventually(async () => {
      const { items } = await history(id);
      return items.length === 2 && items[1];
    });
    expect(last).toMatchObject({ by: `import:${body.id}`, changed: ['phone'] });
  });
});
