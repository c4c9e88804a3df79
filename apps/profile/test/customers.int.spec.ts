import { type Customer, open } from '@app/contracts';
import { aCustomer, anAddress } from '@app/testing';
import { ProfileApi } from './profile-api.js';

interface OutboxRow {
  event_id: string;
  subject: string;
  customerversion: number;
  partition_id: number;
  attributes: Record<string, unknown>;
  body: string;
}

describe('customers over REST', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const create = async (change = {}): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer(change))).body;

  const outboxOf = async (id: string): Promise<OutboxRow[]> =>
    (await api.sql.query<OutboxRow>('SELECT * FROM outbox WHERE subject = $1 ORDER BY id', [id])).rows;

  const opened = async (row: OutboxRow): Promise<unknown> => {
    const { rows } = await api.sql.query<{ key: Buffer }>(
      'SELECT key FROM personal_data_key WHERE customer_id = $1',
      [row.subject],
    );
    const { personal } = JSON.parse(row.body) as { personal: string };
    return open(personal, rows[0]?.key ?? Buffer.alloc(32));
  };

  it('creates one with its event, and reads it back', async () => {
    const input = aCustomer();
    const created = await api.call<Customer>('POST', '/v1/customers', input);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ ...input, version: 1, consents: {} });
    expect(created.headers.get('location')).toBe(`/v1/customers/${created.body.id}`);
    expect(created.headers.get('etag')).toBe('"1"');

    const read = await api.call('GET', `/v1/customers/${created.body.id}`);
    expect(read.body).toEqual(created.body);
    expect(read.headers.get('cache-control')).toBe('no-store');

    const [row, ...more] = await outboxOf(created.body.id);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ event_id: created.headers.get('event-id'), customerversion: 1 });
    expect(row?.body).not.toContain(input.familyName);
    expect(row && (await opened(row))).toEqual({ current: created.body, previous: {} });
  });

  it('answers 304 to who has it already, and HEAD without a body', async () => {
    const { id } = await create();
    const known = await api.call('GET', `/v1/customers/${id}`, undefined, { 'if-none-match': '"1"' });
    expect([known.status, known.body]).toEqual([304, undefined]);
    const head = await api.call('HEAD', `/v1/customers/${id}`);
    expect([head.status, head.headers.get('etag')]).toEqual([200, '"1"']);
  });

  it('answers a write and a read of the same version with the same bytes', async () => {
    const address = { country: 'FR', city: 'Lyon', line1: '1 Main St', line2: 'Flat 2' };
    const created = await api.call<Customer>(
      'POST',
      '/v1/customers',
      aCustomer({ addresses: { home: address } }),
    );
    const read = await api.call('GET', `/v1/customers/${created.body.id}`);
    expect(JSON.stringify(read.body)).toBe(JSON.stringify(created.body));
  });

  it('refuses a taken account number', async () => {
    const { accountNumber } = await create();
    const second = await api.call('POST', '/v1/customers', aCustomer({ accountNumber }));
    expect(second.status).toBe(409);
    expect(second.headers.get('content-type')).toContain('application/problem+json');
    expect(second.body).toMatchObject({
      type: '/problems/account-number-taken',
      errors: [{ pointer: '/accountNumber' }],
    });
  });

  it('makes two facts of one patch that changes name and address', async () => {
    const { id } = await create();
    const patch = { familyName: 'Lovelace', addresses: { home: { city: 'Paris', region: null } } };
    const changed = await api.call<Customer>('PATCH', `/v1/customers/${id}`, patch, { 'if-match': '"1"' });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe('"3"');
    expect(changed.body.addresses.home).not.toHaveProperty('region');
    const rows = await outboxOf(id);
    expect(rows.map((row) => row.customerversion)).toEqual([1, 2, 3]);
    expect(
      rows
        .slice(1)
        .map((row) => row.event_id)
        .join(', '),
    ).toBe(changed.headers.get('event-id'));
    expect(rows[2] && (await opened(rows[2]))).toMatchObject({
      current: { familyName: 'Lovelace', addresses: { home: { city: 'Paris' } } },
      previous: { addresses: { home: { city: 'Rockhampton', region: 'Queensland' } } },
    });
  });

  it('makes no version, no event and no Event-Id of what changes nothing', async () => {
    const { id, familyName } = await create();
    const same = await api.call('PATCH', `/v1/customers/${id}`, { familyName }, { 'if-match': '"1"' });
    expect([same.status, same.headers.get('etag'), same.headers.get('event-id')]).toEqual([200, '"1"', null]);
    expect(await outboxOf(id)).toHaveLength(1);
  });

  it('takes merge patches by their own content type', async () => {
    const { id } = await create();
    const headers = { 'if-match': '*', 'content-type': 'application/merge-patch+json' };
    expect((await api.call('PATCH', `/v1/customers/${id}`, '{"title":"Dr"}', headers)).status).toBe(200);
  });

  it('creates and replaces by account number', async () => {
    const { accountNumber, ...input } = aCustomer();
    const path = `/v1/customers/by-account-number/${accountNumber}`;
    const created = await api.call<Customer>('PUT', path, input);
    expect(created.status).toBe(201);
    const { phone: _phone, ...withoutPhone } = input;
    const replaced = await api.call<Customer>('PUT', path, { ...withoutPhone, accountNumber });
    expect(replaced.status).toBe(200);
    expect(replaced.body).not.toHaveProperty('phone');
    expect(replaced.body.id).toBe(created.body.id);
    expect((await api.call('PUT', path, { ...input, accountNumber: 'another' })).status).toBe(400);
  });

  it('sets, replaces and removes an address', async () => {
    const { id } = await create();
    const path = `/v1/customers/${id}/addresses/billing`;
    const added = await api.call<Customer>('PUT', path, anAddress({ city: 'Łódź', country: 'PL' }), {
      'if-match': '"1"',
    });
    expect([added.status, added.body.addresses.billing?.city]).toEqual([200, 'Łódź']);
    const removed = await api.call<Customer>('DELETE', path, undefined, { 'if-match': '"2"' });
    expect(removed.body.addresses).not.toHaveProperty('billing');
    const again = await api.call('DELETE', path, undefined, { 'if-match': '"3"' });
    expect([again.status, again.headers.get('event-id')]).toEqual([200, null]);
  });

  it('lets one of twenty that edit at once win each time, and loses none', async () => {
    const { id } = await create();
    const edits = Array.from({ length: 20 }, (_, n) =>
      api.call('PATCH', `/v1/customers/${id}`, { title: `T${n}` }, { 'if-match': '"1"' }),
    );
    const statuses = (await Promise.all(edits)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(19);
    expect((await outboxOf(id)).map((row) => row.customerversion)).toEqual([1, 2]);
  });

  it('keeps versions gapless when everyone overwrites on purpose', async () => {
    const { accountNumber, id, ...rest } = await create();
    const { version: _v, createdAt: _c, updatedAt: _u, consents: _k, ...input } = rest;
    const puts = Array.from({ length: 8 }, (_, n) =>
      api.call('PUT', `/v1/customers/by-account-number/${accountNumber}`, { ...input, title: `T${n}` }),
    );
    expect((await Promise.all(puts)).map((answer) => answer.status)).toEqual(Array(8).fill(200));
    expect((await outboxOf(id)).map((row) => row.customerversion)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('pages by id without skipping what is added meanwhile', async () => {
    const email = 'page@example.org';
    const made = [
      await create({ email }),
      await create({ email }),
      await create({ email: email.toUpperCase() }),
    ];
    const first = await api.call<{ items: Customer[]; nextCursor?: string }>(
      'GET',
      `/v1/customers?email=${email}&limit=2`,
    );
    made.push(await create({ email }));
    const second = await api.call<{ items: Customer[]; nextCursor?: string }>(
      'GET',
      `/v1/customers?email=${email}&limit=2&cursor=${first.body.nextCursor}`,
    );
    expect([...first.body.items, ...second.body.items].map((customer) => customer.id)).toEqual(
      made.map((c) => c.id),
    );
    expect(second.body).not.toHaveProperty('nextCursor');
  });

  it.each([
    ['GET', '/v1/customers/nonsense', undefined, {}, 400],
    ['GET', '/v1/customers/0190a1b2-0000-7000-8000-00000000dead', undefined, {}, 404],
    ['GET', '/v1/customers?limit=201', undefined, {}, 400],
    ['GET', '/v1/customers?limit=1e9', undefined, {}, 400],
    ['GET', '/v1/customers?sort=email', undefined, {}, 400],
    ['GET', '/v1/customers?cursor=AAAA', undefined, {}, 400],
    ['GET', '/v1/customers?updatedSince=yesterday', undefined, {}, 400],
    ['POST', '/v1/customers', { givenName: 'Ada' }, {}, 400],
    ['POST', '/v1/customers', { ...aCustomer(), id: 'mine' }, {}, 400],
    [
      'POST',
      '/v1/customers',
      '{"accountNumber":"a","__proto__":{"x":1}}',
      { 'content-type': 'application/json' },
      400,
    ],
    ['POST', '/v1/customers', '{"accountNumber":', { 'content-type': 'application/json' }, 400],
    ['POST', '/v1/customers', Buffer.from([0x22, 0xff, 0x22]), { 'content-type': 'application/json' }, 400],
    ['POST', '/v1/customers', '<xml/>', { 'content-type': 'application/xml' }, 415],
    ['POST', '/v1/customers', 'a,b', { 'content-type': 'text/csv' }, 415],
    ['POST', '/v1/customers', { title: 'x'.repeat(300_000) }, {}, 413],
    ['GET', '/v1/nowhere', undefined, {}, 404],
    ['GET', '/v1/customers/%ZZ', undefined, {}, 400],
    ['GET', `/v1/customers/${'x'.repeat(300)}`, undefined, {}, 400],
    ['GET', '/v1/customers?email=%00', undefined, {}, 400],
    ['GET', '/v1/customers?accountNumber=%00', undefined, {}, 400],
    ['GET', '/v1/customers?limit=0x10', undefined, {}, 400],
    ['GET', '/v1/customers?updatedSince=0000-01-01T00:00:00Z', undefined, {}, 400],
    ['POST', '/v1/customers', '{"a":'.repeat(5_000), { 'content-type': 'application/json' }, 400],
  ])('answers %s %s %j with a problem', async (method, path, body, headers, status) => {
    const answer = await api.call(method, path, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({ status, type: expect.stringMatching(/^\/problems\//) as string });
    expect(answer.body).not.toHaveProperty('stack');
  });

  it('takes any offset of time that RFC 3339 knows', async () => {
    const answer = await api.call('GET', '/v1/customers?limit=1&updatedSince=2026-01-01T00:00:00%2B23:00');
    expect(answer.status).toBe(200);
  });

  it('names every wrong member', async () => {
    const wrong = aCustomer({ email: 'x', addresses: { home: anAddress({ country: 'XX' }) } });
    const { body } = await api.call('POST', '/v1/customers', { ...wrong, shoeSize: 43 });
    expect(body['errors']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pointer: '/email' }),
        expect.objectContaining({ pointer: '/addresses/home/country' }),
        expect.objectContaining({ detail: expect.stringContaining('shoeSize') as string }),
      ]),
    );
  });

  it.each([
    ['without If-Match', {}, 428],
    ['with a stale one', { 'if-match': '"7"' }, 412],
    ['with one that is no entity tag', { 'if-match': '1' }, 400],
  ])('refuses a change %s', async (_what, headers, status) => {
    const { id } = await create();
    const answer = await api.call('PATCH', `/v1/customers/${id}`, { title: 'Dr' }, headers);
    expect(answer.status).toBe(status);
  });

  it.each([
    [{ accountNumber: 'another' }, '/accountNumber'],
    [{ version: 9 }, '/version'],
    [{ createdAt: '2020-01-01T00:00:00Z' }, '/createdAt'],
    [{ familyName: null }, '/familyName'],
    [{ addresses: { home: { city: null } } }, '/addresses/home/city'],
  ])('refuses the patch %j', async (patch, pointer) => {
    const { id } = await create();
    const answer = await api.call('PATCH', `/v1/customers/${id}`, patch, { 'if-match': '"1"' });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ pointer }] });
  });
});
