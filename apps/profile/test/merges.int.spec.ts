import { type Customer, open, withLent } from '@app/contracts';
import { aCustomer, anAddress } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { type Answer, ProfileApi } from './profile-api.js';

interface Merged {
  mergeId: string;
  customer: Customer;
  provenance: Record<string, string>;
}
interface Reverted {
  customer: Customer;
  duplicate: Customer;
  kept: string[];
}
interface Told {
  type: string;
  customerversion: number;
  data: {
    role: string;
    mergeId: string;
    survivorId: string;
    duplicateId: string;
    changed: string[];
    personal: string;
  };
}

describe('merging customers over REST', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const bare = { email: undefined, phone: undefined, birthDate: undefined, addresses: {} };
  const create = async (change: object = {}): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer(change))).body;
  const merge = (id: string, duplicateId: string): Promise<Answer<Merged>> =>
    api.call('POST', `/v1/customers/${id}/merge`, { duplicateId });
  const revert = (mergeId: string): Promise<Answer<Reverted>> =>
    api.call('POST', `/v1/merges/${mergeId}/revert`);
  const read = (id: string) => api.call<Customer>('GET', `/v1/customers/${id}`);
  const moved = (path: string) =>
    fetch(api.service.url + path, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${api.token}` },
    });
  const patch = (id: string, change: object) =>
    api.call<Customer>('PATCH', `/v1/customers/${id}`, change, { 'if-match': '*' });
  const content = ({ version: _version, updatedAt: _updatedAt, ...rest }: Customer) => rest;

  const keyOf = async (id: string): Promise<Buffer> =>
    (await api.sql.query<{ key: Buffer }>('SELECT key FROM personal_data_key WHERE customer_id = $1', [id]))
      .rows[0]?.key as Buffer;
  const told = async (id: string): Promise<Told[]> =>
    (
      await api.sql.query<{ attributes: Omit<Told, 'data'>; body: string }>(
        'SELECT attributes, body FROM outbox WHERE subject = $1 ORDER BY id',
        [id],
      )
    ).rows.map(({ attributes, body }): Told =>
      Object.assign(attributes, { data: JSON.parse(body) as Told['data'] }),
    );

  it('makes one of two, says whose each value is, and tells both streams', async () => {
    const survivor = await create({ ...bare, email: 'own@example.org' });
    const duplicate = await create({ title: 'Ms', phone: '555 0100' });
    const { status, headers, body } = await merge(survivor.id, duplicate.id);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/merges/${body.mergeId}`);
    expect(headers.get('etag')).toBe('"2"');
    const { title, phone, birthDate, addresses } = duplicate;
    expect(content(body.customer)).toEqual(content({ ...survivor, title, phone, birthDate, addresses }));
    expect(body.provenance).toMatchObject({
      givenName: survivor.id,
      email: survivor.id,
      title: duplicate.id,
      'addresses.home': duplicate.id,
    });
    expect((await read(survivor.id)).body).toEqual(body.customer);

    const [, ofSurvivor] = (await told(survivor.id)) as [Told, Told];
    const [, ofDuplicate] = (await told(duplicate.id)) as [Told, Told];
    const common = { mergeId: body.mergeId, survivorId: survivor.id, duplicateId: duplicate.id };
    expect(ofSurvivor).toMatchObject({ type: 'CustomersMerged', customerversion: 2 });
    expect(ofSurvivor.data).toMatchObject({ ...common, role: 'survivor' });
    expect(ofSurvivor.data.changed.toSorted()).toEqual(['addresses.home', 'birthDate', 'phone', 'title']);
    expect(ofDuplicate).toMatchObject({ type: 'CustomersMerged', customerversion: 2 });
    expect(ofDuplicate.data).toMatchObject({ ...common, role: 'duplicate', changed: [] });
    const ids = [ofSurvivor, ofDuplicate].map((event) => (event as unknown as { id: string }).id);
    expect(headers.get('event-id')).toBe(ids.join(', '));

    const shown = await api.call('GET', `/v1/merges/${body.mergeId}`);
    expect(shown.body).toMatchObject({
      ...common,
      taken: { phone: duplicate.id },
      mergedBy: expect.any(String) as string,
    });
  });

  it('seals what came from the duplicate under the duplicate’s key, in later events, too', async () => {
    const survivor = await create({ ...bare });
    const duplicate = await create({ phone: '555 7777' });
    await merge(survivor.id, duplicate.id);
    await patch(survivor.id, { familyName: 'Later' });
    const [own, theirs] = await Promise.all([keyOf(survivor.id), keyOf(duplicate.id)]);
    for (const { data } of (await told(survivor.id)).slice(1)) {
      const opened = open(data.personal, own);
      expect(JSON.stringify(opened)).not.toContain('7777');
      expect(withLent(opened, (kid) => (kid === duplicate.id ? theirs : undefined))).toMatchObject({
        current: { id: survivor.id, phone: '555 7777', addresses: duplicate.addresses },
      });
    }
  });

  it('answers 308 for the duplicate, 409 to writes, and leaves it out of lists', async () => {
    const [survivor, duplicate] = [await create(), await create()];
    const { body } = await merge(survivor.id, duplicate.id);
    const answer = await moved(`/v1/customers/${duplicate.id}`);
    expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([
      308,
      `/v1/customers/${survivor.id}`,
      'no-store',
    ]);
    expect((await read(duplicate.id)).body.id).toBe(survivor.id);

    const names = { givenName: 'No', familyName: 'Body' };
    const refused = [
      await patch(duplicate.id, { familyName: 'Nobody' }),
      await api.call('PUT', `/v1/customers/${duplicate.id}/addresses/home`, anAddress(), { 'if-match': '*' }),
      await api.call('PUT', `/v1/customers/by-account-number/${duplicate.accountNumber}`, names),
      await merge(duplicate.id, survivor.id),
      await merge(survivor.id, duplicate.id),
    ];
    expect(refused.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409]);
    expect(refused.at(-1)?.body).toMatchObject({
      type: '/problems/customer-merged',
      survivorId: survivor.id,
      mergeId: body.mergeId,
    });

    const list = await api.call<{ items: Customer[] }>(
      'GET',
      `/v1/customers?accountNumber=${duplicate.accountNumber}`,
    );
    expect(list.body.items).toEqual([]);
    const taken = await api.call(
      'POST',
      '/v1/customers',
      aCustomer({ accountNumber: duplicate.accountNumber }),
    );
    expect([taken.status, taken.body['type']]).toEqual([409, '/problems/account-number-taken']);
  });

  it('restores both exactly', async () => {
    const survivor = await create({ ...bare, preferences: { language: 'no' } });
    const duplicate = await create({ preferences: { language: 'en', 'news.weekly': true } });
    const { body: merged } = await merge(survivor.id, duplicate.id);
    const { status, headers, body } = await revert(merged.mergeId);
    expect([status, headers.get('etag')]).toEqual([200, '"3"']);
    expect(content(body.customer)).toEqual(content(survivor));
    expect(content(body.duplicate)).toEqual(content(duplicate));
    expect(body.kept).toEqual([]);
    expect((await read(survivor.id)).body).toEqual(body.customer);
    expect((await read(duplicate.id)).body).toEqual(body.duplicate);
    expect((await told(survivor.id)).at(-1)).toMatchObject({
      type: 'CustomersUnmerged',
      data: { role: 'survivor' },
    });
    expect((await told(duplicate.id)).at(-1)).toMatchObject({
      type: 'CustomersUnmerged',
      customerversion: 3,
      data: { role: 'duplicate', changed: [] },
    });
    const { rows } = await api.sql.query<{ taken: object[] }>(
      'SELECT taken FROM customer_merge WHERE id = $1',
      [merged.mergeId],
    );
    expect(JSON.stringify(rows)).not.toMatch(/value|before/);

    const again = await revert(merged.mergeId);
    expect([again.status, again.body]).toMatchObject([409, { type: '/problems/merge-reverted' }]);
    expect((await merge(survivor.id, duplicate.id)).status).toBe(201);
  });

  it('keeps what was written to the survivor in between, and says so', async () => {
    const survivor = await create({ ...bare });
    const duplicate = await create();
    const { body: merged } = await merge(survivor.id, duplicate.id);
    await patch(survivor.id, { phone: '555 1234', preferences: { since: true } });
    const { body } = await revert(merged.mergeId);
    expect(content(body.customer)).toEqual({
      ...content(survivor),
      phone: '555 1234',
      preferences: { since: true },
    });
    expect(body.kept).toEqual(['phone']);
    expect(content(body.duplicate)).toEqual(content(duplicate));
  });

  it('makes chains, which point to whoever is left and come apart from the top', async () => {
    const [a, b, c] = [
      await create({ ...bare }),
      await create({ ...bare, phone: '555 2' }),
      await create(bare),
    ];
    const { body: first } = await merge(a.id, b.id);
    const { body: second } = await merge(c.id, a.id);
    expect(second.provenance).toMatchObject({ phone: b.id });
    expect((await moved(`/v1/customers/${b.id}`)).headers.get('location')).toBe(`/v1/customers/${c.id}`);
    const early = await revert(first.mergeId);
    expect([early.status, early.body]).toMatchObject([
      409,
      { type: '/problems/survivor-merged', mergeId: second.mergeId },
    ]);
    expect((await revert(second.mergeId)).status).toBe(200);
    expect((await moved(`/v1/customers/${b.id}`)).headers.get('location')).toBe(`/v1/customers/${a.id}`);
    expect((await revert(first.mergeId)).status).toBe(200);
    for (const one of [a, b, c]) expect(content((await read(one.id)).body)).toEqual(content(one));
  });

  it('erases a survivor with everybody who lives on in it, and a duplicate not alone', async () => {
    const [a, b, c] = [await create({ ...bare }), await create({ ...bare, phone: '555 3' }), await create()];
    const { body: first } = await merge(a.id, b.id);
    const { body: second } = await merge(c.id, a.id);
    const alone = await api.call('DELETE', `/v1/customers/${b.id}`);
    expect([alone.status, alone.body['type']]).toEqual([409, '/problems/customer-merged']);
    expect((await api.call('DELETE', `/v1/customers/${c.id}`)).status).toBe(202);
    for (const { id } of [a, b, c]) {
      expect((await read(id)).status).toBe(410);
      expect((await told(id)).at(-1)).toMatchObject({ type: 'CustomerErased' });
    }
    for (const { mergeId } of [first, second])
      expect(await revert(mergeId)).toMatchObject({ status: 409, body: { type: '/problems/merge-erased' } });
    const { rows } = await api.sql.query('SELECT taken FROM customer_merge WHERE id = ANY ($1)', [
      [first.mergeId, second.mergeId],
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/value|before|555/);
  });

  it('refuses what cannot be merged or reverted', async () => {
    const { id } = await create();
    const nobody = randomUUID();
    const answers = [
      await merge(id, id),
      await merge(id, 'x'),
      await api.call('POST', `/v1/customers/${id}/merge`, { duplicateId: nobody, force: true }),
      await merge(id, nobody),
      await merge(nobody, id),
      await revert(nobody),
      await revert('x'),
      await api.call('GET', `/v1/merges/${nobody}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 404, 404, 404, 400, 404]);
    expect(answers[0]?.body).toMatchObject({ errors: [{ pointer: '/duplicateId' }] });
    const many = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`${prefix}${n}`, true]));
    const [one, other] = [await create({ preferences: many('a') }), await create({ preferences: many('b') })];
    const tooMany = await merge(one.id, other.id);
    expect([tooMany.status, tooMany.body]).toMatchObject([409, { type: '/problems/too-many-preferences' }]);
  });
});
