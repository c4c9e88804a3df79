import type { Customer } from '@app/contracts';
import { aCustomer, anAddress, eventually } from '@app/testing';
import { type Answer, ProfileApi } from './profile-api.js';

interface Erasure {
  id: string;
  status: string;
  completedAt: string | null;
  groups: { consumerGroup: string; confirmedAt: string | null }[];
}

const groups = ['audit', 'search-indexer'];
const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;

describe('erasure over REST', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  beforeEach(async () => {
    for (const group of groups) await api.call('PUT', `/v1/consumer-groups/${group}`);
  });
  afterAll(() => api.stop());

  const create = async (change = {}): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer(change))).body;
  const erase = (id: string): Promise<Answer<Erasure>> => api.call('DELETE', `/v1/customers/${id}`);
  const read = (id: string): Promise<Answer<Erasure>> => api.call('GET', `/v1/erasures/${id}`);
  const confirm = (id: string, consumerGroup: string): Promise<Answer<Erasure>> =>
    api.call('POST', `/v1/erasures/${id}/confirmations`, { consumerGroup });

  it('is accepted, and waits for every group that is registered', async () => {
    const answer = await erase((await create()).id);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/erasures/${answer.body.id}`);
    expect(answer.body).toEqual({
      id: expect.any(String) as string,
      status: 'pending',
      completedAt: null,
      groups: groups.map((consumerGroup) => ({ consumerGroup, confirmedAt: null })),
    });
    expect((await read(answer.body.id)).body).toEqual(answer.body);
  });

  it('shows who is late, and is completed by the last of them; the first confirmation counts', async () => {
    const { id } = (await erase((await create()).id)).body;
    const first = await confirm(id, 'audit');
    expect(first).toMatchObject({ status: 200, body: { status: 'pending', completedAt: null } });
    expect(first.body.groups).toEqual([
      { consumerGroup: 'audit', confirmedAt: time },
      { consumerGroup: 'search-indexer', confirmedAt: null },
    ]);
    expect((await confirm(id, 'audit')).body).toEqual(first.body);
    const last = await confirm(id, 'search-indexer');
    expect(last.body).toMatchObject({ status: 'completed', completedAt: time });
    expect((await confirm(id, 'search-indexer')).body).toEqual(last.body);
  });

  it('is completed when all confirm at the same time', async () => {
    const { id } = (await erase((await create()).id)).body;
    await Promise.all(groups.map((group) => confirm(id, group)));
    expect((await read(id)).body.status).toBe('completed');
  });

  it('takes nothing from a group that is not registered, and needs nothing of one that came later', async () => {
    const { id } = (await erase((await create()).id)).body;
    expect(await confirm(id, 'stranger')).toMatchObject({
      status: 404,
      body: { type: '/problems/consumer-group-not-found' },
    });
    await api.call('PUT', '/v1/consumer-groups/latecomer');
    const late = await confirm(id, 'latecomer');
    expect(late.status).toBe(200);
    expect(late.body.groups.map(({ consumerGroup }) => consumerGroup)).toEqual(groups);
    await api.call('DELETE', '/v1/consumer-groups/latecomer');
    const unknown = '0190a1b2-0000-7000-8000-00000000dead';
    expect((await confirm(unknown, 'audit')).body).toMatchObject({ type: '/problems/erasure-not-found' });
    expect((await read(unknown)).status).toBe(404);
    expect((await confirm(id, 'no spaces')).status).toBe(400);
  });

  it('is confirmed by the client that has registered the group, and by no other', async () => {
    const { id } = (await erase((await create()).id)).body;
    const other = { authorization: `Bearer ${await api.issuer.token(['events:read'], 3600, 'other')}` };
    const asOther = (consumerGroup: string) =>
      api.call<Erasure>('POST', `/v1/erasures/${id}/confirmations`, { consumerGroup }, other);
    expect(await asOther('audit')).toMatchObject({
      status: 403,
      body: { type: '/problems/consumer-group-of-another' },
    });
    // Who registers it once more does not get it.
    await api.call('PUT', '/v1/consumer-groups/audit', undefined, other);
    expect((await asOther('audit')).status).toBe(403);
    expect((await read(id)).body.groups[0]).toEqual({ consumerGroup: 'audit', confirmedAt: null });
    await api.call('PUT', '/v1/consumer-groups/others', undefined, other);
    expect((await asOther('others')).status).toBe(200);
    expect((await confirm(id, 'others')).status).toBe(403);
    await api.call('DELETE', '/v1/consumer-groups/others');
  });

  it('does not wait for a group that is gone for good', async () => {
    await api.call('PUT', '/v1/consumer-groups/leaver');
    const { id } = (await erase((await create()).id)).body;
    for (const group of groups) await confirm(id, group);
    expect((await read(id)).body.status).toBe('pending');
    expect((await api.call('DELETE', '/v1/consumer-groups/leaver')).status).toBe(204);
    expect((await read(id)).body).toMatchObject({ status: 'completed', completedAt: time });
  });

  it('leaves 410 behind, whatever is asked of the customer, and is answered once more', async () => {
    const customer = await create();
    const { body: erasure } = await erase(customer.id);
    const at = `/v1/customers/${customer.id}`;
    const any = { 'if-match': '*' };
    const { givenName, familyName, accountNumber } = customer;
    const answers = await Promise.all([
      api.call('GET', at),
      api.call('PATCH', at, { givenName: 'Back' }, any),
      api.call('PUT', `${at}/addresses/home`, anAddress(), any),
      api.call('DELETE', `${at}/addresses/home`, undefined, any),
      api.call('PUT', `/v1/customers/by-account-number/${accountNumber}`, { givenName, familyName }),
      api.call('PUT', `/v1/customers/by-account-number/${accountNumber}`, { givenName, familyName }, any),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 410, body: { type: '/problems/customer-erased' } });
      expect(JSON.stringify(answer.body)).not.toContain(accountNumber);
    }
    const again = await erase(customer.id);
    expect(again).toMatchObject({ status: 202, body: erasure });
    expect(again.headers.get('location')).toBe(`/v1/erasures/${erasure.id}`);
    const taken = await api.call('POST', '/v1/customers', aCustomer({ accountNumber }));
    expect(taken).toMatchObject({ status: 409, body: { type: '/problems/account-number-taken' } });
    expect((await erase('0190a1b2-0000-7000-8000-00000000dead')).status).toBe(404);
  });

  it('is told as the last fact of the customer, with nothing personal in it', async () => {
    const { id, version } = await create();
    const { body: erasure } = await erase(id);
    const { rows } = await api.sql.query<{ attributes: object; body: string; customerversion: number }>(
      'SELECT attributes, body, customerversion FROM outbox WHERE subject = $1 ORDER BY id DESC LIMIT 1',
      [id],
    );
    expect(rows[0]).toMatchObject({
      attributes: { type: 'CustomerErased', dataschema: '/schemas/CustomerErased/v1.json' },
      customerversion: version + 1,
    });
    expect(JSON.parse(rows[0]?.body ?? '')).toEqual({ changed: [], erasureId: erasure.id });
  });

  it('leaves a tombstone and no key; a key that was lost is never one', async () => {
    const [erased, lost] = [await create(), await create()];
    await erase(erased.id);
    const keys = (customerId: string) =>
      api.call('POST', '/v1/personal-data-keys', { customerIds: [customerId] });
    expect((await keys(erased.id)).body).toEqual({ items: [{ customerId: erased.id, erased: true }] });
    await api.sql.query('DELETE FROM personal_data_key WHERE customer_id = $1', [lost.id]);
    expect(await keys(lost.id)).toMatchObject({
      status: 404,
      body: { type: '/problems/customer-not-found' },
    });
    expect((await api.call('GET', `/v1/customers/${lost.id}`)).status).toBe(200);
    const other = await create();
    const { accountNumber, givenName, familyName } = lost;
    const any = { 'if-match': '*' };
    const writes = [
      await api.call('PATCH', `/v1/customers/${lost.id}`, { title: 'Dr' }, any),
      await api.call('PUT', `/v1/customers/by-account-number/${accountNumber}`, { givenName, familyName }),
      await api.call('POST', `/v1/customers/${lost.id}/merge`, { duplicateId: other.id }),
      await api.call('POST', `/v1/customers/${other.id}/merge`, { duplicateId: lost.id }),
      await api.call('DELETE', `/v1/customers/${lost.id}`),
    ];
    for (const { status, headers, body } of writes) {
      expect([status, body['type']]).toEqual([503, '/problems/personal-data-key-lost']);
      expect(headers.get('retry-after')).toBe('60');
    }
  });

  it('leaves nothing of the customer in any table', async () => {
    const canary = `canary${Math.random().toString(36).slice(2)}`;
    const customer = await create({
      accountNumber: `A-${canary}`,
      familyName: canary,
      email: `${canary}@example.org`,
      addresses: { home: anAddress({ line1: canary }) },
    });
    expect(await tablesWith(canary)).toEqual(['customer']);
    await erase(customer.id);
    expect(await tablesWith(canary)).toEqual([]);
  });

  /** Every table with the text in any of its columns. */
  async function tablesWith(text: string): Promise<string[]> {
    const { rows: tables } = await api.sql.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rowCount } = await api.sql.query(`SELECT FROM ${name} AS r WHERE r::text ILIKE $1 LIMIT 1`, [
        `%${text}%`,
      ]);
      if (rowCount) found.push(name);
    }
    return found;
  }

  it('is not undone by the source system’s next load', async () => {
    const customer = await create();
    await erase(customer.id);
    const file = `account_number,first_name,last_name\n${customer.accountNumber},Back,Again\nNEW-${customer.id},New,One\n`;
    const { body: job } = await api.call<{ id: string }>('POST', '/v1/imports', file, {
      'content-type': 'text/csv',
    });
    await eventually(async () => {
      const { body } = await api.call('GET', `/v1/imports/${job.id}`);
      return body['status'] === 'completed';
    });
    const { body } = await api.call('GET', `/v1/imports/${job.id}/errors`);
    expect(body['items']).toEqual([
      {
        line: 2,
        column: 'account_number',
        reason: 'the customer with this account number has been erased',
      },
    ]);
    expect((await api.call('GET', `/v1/imports/${job.id}`)).body).toMatchObject({ added: 1, refused: 1 });
  });

  it('and writers who are at it at the same time end before it, or with 410', async () => {
    for (let round = 0; round < 10; round++) {
      const customer = await create();
      const { givenName, familyName, accountNumber } = customer;
      const put = (n: number) =>
        api.call('PUT', `/v1/customers/by-account-number/${accountNumber}`, {
          givenName: `${givenName}${n}`,
          familyName,
        });
      const [erased, ...writes] = await Promise.all([erase(customer.id), ...[1, 2, 3, 4].map(put)]);
      expect(erased.status).toBe(202);
      expect([200, 410]).toEqual(expect.arrayContaining(writes.map(({ status }) => status)));
      expect((await api.call('GET', `/v1/customers/${customer.id}`)).status).toBe(410);
      const { rows } = await api.sql.query<{ type: string; customerversion: number }>(
        `SELECT attributes ->> 'type' AS type, customerversion FROM outbox WHERE subject = $1 ORDER BY id`,
        [customer.id],
      );
      expect(rows.at(-1)?.type).toBe('CustomerErased');
      expect(rows.map((row) => row.customerversion)).toEqual(rows.map((_, index) => index + 1));
    }
  });

  it('wants its scope', async () => {
    const { id } = await create();
    const asking = async (...scopes: string[]) => ({
      authorization: `Bearer ${await api.issuer.token(scopes)}`,
    });
    const headers = await asking('customers:read', 'customers:write', 'events:read', 'admin');
    expect((await api.call('DELETE', `/v1/customers/${id}`, undefined, headers)).status).toBe(403);
    expect((await api.call('GET', `/v1/customers/${id}`, undefined, headers)).status).toBe(200);
  });
});
