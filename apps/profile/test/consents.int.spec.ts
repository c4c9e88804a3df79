import type { Customer } from '@app/contracts';
import { aCustomer } from '@app/testing';
import { type Answer, ProfileApi } from './profile-api.js';

describe('consents over REST', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const create = async (): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer())).body;
  const put = (
    { id }: Pick<Customer, 'id'>,
    purpose: string,
    body: object,
    ifMatch = '*',
  ): Promise<Answer<Customer>> =>
    api.call('PUT', `/v1/customers/${id}/consents/${purpose}`, body, { 'if-match': ifMatch });

  it('are given with time, source and proof, and withdrawn', async () => {
    const customer = await create();
    const consent = { granted: true, at: '2026-01-31T10:00:00Z', source: 'web form', proof: 'opt-in 7' };
    const given = await put(customer, 'marketing', consent, '"1"');
    expect(given).toMatchObject({ status: 200, body: { version: 2, consents: { marketing: consent } } });
    expect(given.headers.get('etag')).toBe('"2"');
    expect(given.headers.get('event-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await api.call('GET', `/v1/customers/${customer.id}`)).body).toEqual(given.body);

    const withdrawn = await put(customer, 'marketing', { granted: false, source: 'phone call' }, '"2"');
    expect(withdrawn.body.consents['marketing']).toEqual({
      granted: false,
      at: expect.stringMatching(/^\d{4}-/) as string,
      source: 'phone call',
    });
    const { rows } = await api.sql.query<{ type: string; changed: string }>(
      `SELECT attributes ->> 'type' AS type, body::json ->> 'changed' AS changed FROM outbox
        WHERE subject = $1 ORDER BY id OFFSET 1`,
      [customer.id],
    );
    expect(rows).toEqual([1, 2].map(() => ({ type: 'ConsentChanged', changed: '["consents.marketing"]' })));
  });

  it('that say the same again make no version and no event', async () => {
    const customer = await create();
    const given = await put(customer, 'surveys', { granted: true, source: 'shop' });
    const again = await put(customer, 'surveys', { granted: true, source: 'shop' });
    expect(again).toMatchObject({ status: 200, body: given.body });
    expect(again.headers.get('event-id')).toBeNull();
  });

  it.each([
    ['without granted', 'marketing', {}, '/granted'],
    ['of tomorrow', 'marketing', { granted: true, at: '2999-01-01T00:00:00Z' }, '/at'],
    ['of no time', 'marketing', { granted: true, at: 'yesterday' }, '/at'],
    ['with a member of its own', 'marketing', { granted: true, by: 'me' }, ''],
    ['for no purpose', '1st', { granted: true }, ''],
  ])('%s are 400', async (_what, purpose, body, pointer) => {
    const answer = await put(await create(), purpose, body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });

  it('want If-Match, and a customer who is there', async () => {
    const customer = await create();
    const path = `/v1/customers/${customer.id}/consents/marketing`;
    expect((await api.call('PUT', path, { granted: true })).status).toBe(428);
    expect((await put(customer, 'marketing', { granted: true }, '"7"')).status).toBe(412);
    const nobody = { id: '0190a1b2-0000-7000-8000-00000000dead' };
    expect((await put(nobody, 'marketing', { granted: true })).status).toBe(404);
    await api.call('DELETE', `/v1/customers/${customer.id}`);
    expect((await put(customer, 'marketing', { granted: true })).status).toBe(410);
  });
});
