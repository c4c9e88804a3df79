import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Customer } from '@app/contracts';
import { aCustomer, eventually, freePort } from '@app/testing';
import { ProfileApi } from './profile-api.js';

interface History {
  items: { version: number; type: string; current?: Partial<Customer> }[];
}
interface Export {
  complete: boolean;
  profile: {
    customer: Customer;
    history: History;
    mergedDuplicates: { customer: Customer; mergedInto: string; history: History }[];
    refusedRows: { items: object[] };
  };
  services: { consumerGroup: string; answered: boolean; held?: object; reason?: string }[];
}

describe('access to personal data', () => {
  let consumer: Server;
  let asked: { url: string | undefined; authorization: string | undefined }[];
  let answer: { status: number; body: unknown };
  let api: ProfileApi;
  let asPerson: { authorization: string };

  beforeAll(async () => {
    consumer = createServer(({ url, headers }, response) => {
      asked.push({ url, authorization: headers.authorization });
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => consumer.once('listening', resolve));
    const at = (port: number) => `http://127.0.0.1:${port}`;
    api = await ProfileApi.start({
      CONSUMER_URLS: `audit=${at((consumer.address() as AddressInfo).port)},away=${at(await freePort())}`,
    });
    asPerson = { authorization: `Bearer ${await api.issuer.personToken('officer')}` };
  });
  beforeEach(() => {
    asked = [];
    answer = { status: 200, body: { consumerGroup: 'audit', held: { entries: [1] } } };
  });
  afterAll(async () => {
    await api.stop();
    await new Promise((resolve) => consumer.close(resolve));
  });

  const create = async (): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer())).body;
  const exported = (id: string) => api.call<Export>('GET', `/v1/customers/${id}/export`, undefined, asPerson);
  const accesses = async (id: string): Promise<object[]> => {
    const { rows } = await api.sql.query<{ attributes: object; body: string }>(
      `SELECT attributes, body FROM outbox WHERE subject = $1 AND attributes ->> 'type' = 'PersonalDataAccessed'`,
      [id],
    );
    return rows.map(({ attributes, body }) =>
      Object.assign(attributes, { data: JSON.parse(body) as unknown }),
    );
  };

  it('exports what profile and every consumer hold, and names who has not answered', async () => {
    const customer = await create();
    await api.call('PUT', '/v1/consumer-groups/stranger');
    const { status, body } = await exported(customer.id);
    expect(status).toBe(200);
    expect(body).toEqual({
      customerId: customer.id,
      exportedAt: expect.any(String) as string,
      complete: false,
      profile: {
        customer,
        history: { items: [expect.objectContaining({ version: 1, type: 'CustomerAdded' })] },
        mergedDuplicates: [],
        refusedRows: { items: [] },
      },
      services: [
        { consumerGroup: 'audit', answered: true, held: { entries: [1] } },
        { consumerGroup: 'away', answered: false, reason: 'cannot be reached' },
        { consumerGroup: 'stranger', answered: false, reason: 'its address is not known: CONSUMER_URLS' },
      ],
    });
    expect(asked.map(({ url }) => url)).toEqual([`/admin/personal-data/${customer.id}`]);
    expect(asked[0]?.authorization).not.toBe(asPerson.authorization);
  });

  it('exports who changed what, who was merged into the customer, and what files said that was refused', async () => {
    const [survivor, duplicate, furthest] = [await create(), await create(), await create()];
    await api.call('PATCH', `/v1/customers/${duplicate.id}`, { familyName: 'Before' }, { 'if-match': '*' });
    for (const [into, id] of [
      [duplicate.id, furthest.id],
      [survivor.id, duplicate.id],
    ]) {
      expect((await api.call('POST', `/v1/customers/${into}/merge`, { duplicateId: id })).status).toBe(201);
    }
    const row = `${survivor.accountNumber},Zoë,Yáñez,1 Quay,Cork,XX`;
    const csv = `account_number,first_name,last_name,address_line1,city,country\n${row}\n`;
    const { body: job } = await api.call<{ id: string }>('POST', '/v1/imports', csv, {
      'content-type': 'text/csv',
    });
    await eventually(async () => {
      const { body } = await api.call<{ status: string }>('GET', `/v1/imports/${job.id}`);
      return body.status === 'completed';
    });
    const { profile } = (await exported(survivor.id)).body;
    expect(profile.history.items.map(({ type }) => type)).toEqual(['CustomerAdded', 'CustomersMerged']);
    const merged = new Map(profile.mergedDuplicates.map((one) => [one.customer.id, one]));
    expect([...merged.keys()].toSorted()).toEqual([duplicate.id, furthest.id].toSorted());
    expect(merged.get(furthest.id)?.mergedInto).toBe(duplicate.id);
    expect(merged.get(duplicate.id)).toMatchObject({
      customer: { familyName: 'Before', accountNumber: duplicate.accountNumber },
      mergedInto: survivor.id,
    });
    expect(merged.get(duplicate.id)?.history.items[1]).toMatchObject({
      type: 'CustomerNameChanged',
      current: { familyName: 'Before' },
    });
    expect(profile.refusedRows.items).toEqual([
      {
        importId: job.id,
        importedAt: expect.any(String) as string,
        line: 2,
        column: 'country',
        reason: expect.any(String) as string,
        original: row,
      },
    ]);
  });

  it.each([
    ['an error', { status: 500, body: { held: {} } }, 'answered 500'],
    ['another form', { status: 200, body: [] }, 'answered in another form'],
  ])('takes %s for no answer', async (_what, given, reason) => {
    answer = given;
    const { body } = await exported((await create()).id);
    expect(body.services[0]).toEqual({ consumerGroup: 'audit', answered: false, reason });
  });

  it('tells the audit of an export, and of no refused one', async () => {
    const { id } = await create();
    const headers = { authorization: `Bearer ${await api.issuer.token(['customers:read', 'admin'])}` };
    expect((await api.call('GET', `/v1/customers/${id}/export`, undefined, headers)).status).toBe(403);
    expect(await accesses(id)).toEqual([]);
    await exported(id);
    expect(await accesses(id)).toEqual([
      expect.objectContaining({
        source: '/profile',
        subject: id,
        dataschema: '/schemas/PersonalDataAccessed/v1.json',
        data: { access: 'export', by: 'officer', client: 'test-app' },
      }),
    ]);
    expect((await api.call('GET', '/schemas/PersonalDataAccessed/v1.json')).status).toBe(200);
  });

  it('tells the audit of keys that a person was given; services are given them all the time', async () => {
    const customer = await create();
    const customerIds = [customer.id];
    await api.call('POST', '/v1/personal-data-keys', { customerIds });
    expect(await accesses(customer.id)).toEqual([]);
    await api.call('POST', '/v1/personal-data-keys', { customerIds }, asPerson);
    expect(await accesses(customer.id)).toMatchObject([{ data: { access: 'key', by: 'officer' } }]);
    await api.call('DELETE', `/v1/customers/${customer.id}`);
    await api.call('POST', '/v1/personal-data-keys', { customerIds }, asPerson);
    expect(await accesses(customer.id)).toHaveLength(1);
  });

  it('answers 404 for nobody, and 410 for who was erased', async () => {
    const { id } = await create();
    await api.call('DELETE', `/v1/customers/${id}`);
    expect((await exported(id)).status).toBe(410);
    expect((await exported('0190a1b2-0000-7000-8000-00000000dead')).status).toBe(404);
    expect(asked).toEqual([]);
  });
});
