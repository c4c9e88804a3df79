import type { Customer } from '@app/contracts';
import { aCustomer, eventually } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { type Answer, ProfileApi } from './profile-api.js';

describe('an Idempotency-Key', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const create = (key: string, body: unknown, at = api): Promise<Answer<Customer>> =>
    at.call<Customer>('POST', '/v1/customers', body, { 'idempotency-key': key });
  const count = async (table: string): Promise<number> =>
    (await api.sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n ?? 0;
  const outcome = ({ status, headers, body }: Answer<Customer>) => ({
    status,
    body: JSON.stringify(body),
    headers: ['etag', 'location', 'event-id'].map((name) => headers.get(name)),
  });

  it('gives a retry the same answer, however often, whatever became of the customer', async () => {
    const [key, input] = [randomUUID(), aCustomer()];
    const first = await create(key, input);
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
    const events = await count('outbox');
    await api.call('PATCH', `/v1/customers/${first.body.id}`, { title: 'Dr' }, { 'if-match': '"1"' });
    for (const again of [key, `"${key}"`]) {
      const retry = await create(again, input);
      expect(outcome(retry)).toEqual(outcome(first));
      expect(retry.headers.get('idempotent-replayed')).toBe('true');
    }
    expect(await count('outbox')).toBe(events + 1);
  });

  it('knows a body by what it says, not by its bytes', async () => {
    const [key, input] = [randomUUID(), aCustomer()];
    const first = await create(key, input);
    const reordered = Object.fromEntries(Object.entries(input).toReversed());
    expect(outcome(await create(key, reordered))).toEqual(outcome(first));
  });

  it.each([
    ['another body', aCustomer()],
    ['a body that is not valid', { familyName: 1 }],
  ])('with %s is 422', async (_what, other) => {
    const key = randomUUID();
    await create(key, aCustomer());
    const customers = await count('customer');
    const reused = await create(key, other);
    expect([reused.status, reused.body]).toMatchObject([422, { type: '/problems/idempotency-key-reused' }]);
    expect(await count('customer')).toBe(customers);
  });

  it('belongs to one client', async () => {
    const key = randomUUID();
    const mine = await create(key, aCustomer());
    const token = await api.issuer.token(undefined, 3600, 'another-client');
    const theirs = await api.call<Customer>('POST', '/v1/customers', aCustomer(), {
      'idempotency-key': key,
      authorization: `Bearer ${token}`,
    });
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it('of a request that failed may be used again: there is nothing to repeat', async () => {
    const [key, taken] = [randomUUID(), aCustomer()];
    await create(randomUUID(), taken);
    expect((await create(key, taken)).status).toBe(409);
    expect((await create(key, aCustomer())).status).toBe(201);
  });

  it('makes one effect of twenty at once, and says 409 to who comes too early', async () => {
    const [key, input] = [randomUUID(), aCustomer()];
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(key, input)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201, 409]));
    const made = answers.filter((answer) => answer.status === 201);
    expect(new Set(made.map((answer) => answer.body.id)).size).toBe(1);
  });

  describe('while the first request still runs', () => {
    let second: ProfileApi;
    beforeAll(async () => {
      second = await api.again();
    });
    afterAll(() => second.service.stop());

    /** Nobody gets to write a customer meanwhile. */
    const heldUp = async (work: () => Promise<void>): Promise<void> => {
      await api.sql.query('BEGIN');
      try {
        await api.sql.query('LOCK TABLE customer IN SHARE MODE');
        await work();
      } finally {
        await api.sql.query('ROLLBACK');
      }
    };
    const waiting = (many: number) =>
      eventually(
        async () =>
          (await count(
            `pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
          )) === many,
      );

    it('is 409, and then the same answer', async () => {
      const [key, input] = [randomUUID(), aCustomer()];
      let first: Promise<Answer<Customer>> | undefined;
      await heldUp(async () => {
        first = create(key, input);
        await waiting(1);
        const early = await create(key, input);
        expect(early.body).toMatchObject({ status: 409, type: '/problems/request-in-progress' });
        expect(early.headers.get('retry-after')).toBe('1');
      });
      const made = await first;
      expect(made?.status).toBe(201);
      expect(made && outcome(await create(key, input))).toEqual(made && outcome(made));
    });

    it('has one effect at two instances, too, even for two different bodies', async () => {
      const key = randomUUID();
      const customers = await count('customer');
      let both: Promise<Answer<Customer>[]> | undefined;
      await heldUp(async () => {
        both = Promise.all([create(key, aCustomer()), create(key, aCustomer(), second)]);
        await waiting(2);
      });
      const statuses = (await both)?.map((answer) => answer.status).sort();
      expect(statuses).toEqual([201, 422]);
      expect(await count('customer')).toBe(customers + 1);
    });
  });

  it('of a request that a crash cut short is free again', async () => {
    const [key, input] = [randomUUID(), aCustomer()];
    await api.sql.query('BEGIN');
    await api.sql.query('LOCK TABLE outbox IN SHARE MODE');
    const cut = create(key, input).then(
      () => 'answered',
      () => 'cut short',
    );
    await eventually(async () => (await count(`pg_locks WHERE NOT granted`)) > 0);
    await api.service.kill('SIGKILL');
    expect(await cut).toBe('cut short');
    await api.sql.query('ROLLBACK');
    api = await api.again();
    const retried = await create(key, input);
    expect(retried.status).toBe(201);
    expect(outcome(await create(key, input))).toEqual(outcome(retried));
  });

  it('leaves nothing readable of a person behind, and nothing at all after a day', async () => {
    const key = `mail-of-${randomUUID()}`;
    const input = aCustomer();
    const { body } = await create(key, input);
    const { rows } = await api.sql.query<{ line: string }>(
      'SELECT r::text AS line FROM idempotency_record r WHERE customer_id = $1',
      [body.id],
    );
    expect(rows).toHaveLength(1);
    for (const secret of [key, input.familyName, input.accountNumber])
      expect(rows[0]?.line).not.toContain(secret);

    await api.sql.query(
      `UPDATE idempotency_record SET created_at = now() - interval '23 hours 59 minutes' WHERE customer_id <> $1`,
      [body.id],
    );
    await api.sql.query(
      `UPDATE idempotency_record SET created_at = now() - interval '24 hours 1 minute' WHERE customer_id = $1`,
      [body.id],
    );
    const records = await count('idempotency_record');
    await api.service.stop();
    api = await api.again();
    await eventually(async () => (await count('idempotency_record')) === records - 1);
    expect((await create(key, input)).status).toBe(409);
  });

  it('gives nothing away once the customer is erased', async () => {
    const [key, input] = [randomUUID(), aCustomer()];
    const { body } = await create(key, input);
    expect((await api.call('DELETE', `/v1/customers/${body.id}`)).status).toBe(202);
    expect(await count(`idempotency_record WHERE customer_id = '${body.id}'`)).toBe(0);
    expect((await create(key, input)).status).toBe(409);
  });

  describe('of another request that makes something', () => {
    const made = async (): Promise<string> => (await create(randomUUID(), aCustomer())).body.id;
    const post = (path: string, body?: unknown, key: string = randomUUID(), type = 'application/json') =>
      api.call('POST', path, body, {
        'idempotency-key': key,
        ...(body === undefined ? {} : { 'content-type': type }),
      });
    type Posted = Awaited<ReturnType<typeof post>>;
    const same = ({ status, headers, body }: Posted) => ({
      status,
      body: JSON.stringify(body),
      headers: ['etag', 'location', 'event-id'].map((name) => headers.get(name)),
    });
    const expectReplay = (retry: Posted, first: Posted): void => {
      expect(same(retry)).toEqual(same(first));
      expect(retry.headers.get('idempotent-replayed')).toBe('true');
    };

    it('gives a merge and its revert the same answers again, and makes each once', async () => {
      const [survivor, duplicateId, other] = [await made(), await made(), await made()];
      const keys = [randomUUID(), randomUUID()];
      const path = `/v1/customers/${survivor}/merge`;
      const merged = await post(path, { duplicateId }, keys[0]);
      expect(merged.status).toBe(201);
      expectReplay(await post(path, { duplicateId }, keys[0]), merged);
      const undo = `/v1/merges/${merged.body['mergeId'] as string}/revert`;
      const reverted = await post(undo, undefined, keys[1]);
      expect(reverted.status).toBe(200);
      expectReplay(await post(undo, undefined, keys[1]), reverted);
      // The two are apart again, and the retry of the merge does not merge them once more.
      expectReplay(await post(path, { duplicateId }, keys[0]), merged);
      expect((await api.call('GET', `/v1/customers/${duplicateId}`)).status).toBe(200);
      expect((await post(path, { duplicateId: other }, keys[0])).status).toBe(422);
    });

    it('forgets what it answered to a merge as soon as either is erased', async () => {
      for (const erased of ['survivor', 'duplicate'] as const) {
        const ids = { survivor: await made(), duplicate: await made() };
        const path = `/v1/customers/${ids.survivor}/merge`;
        const key = randomUUID();
        const merged = await post(path, { duplicateId: ids.duplicate }, key);
        await post(`/v1/merges/${merged.body['mergeId'] as string}/revert`);
        expect((await api.call('DELETE', `/v1/customers/${ids[erased]}`)).status).toBe(202);
        const retry = await post(path, { duplicateId: ids.duplicate }, key);
        expect(retry.status).toBe(erased === 'survivor' ? 410 : 404);
      }
    });

    it('takes a file once, and knows another by its bytes', async () => {
      const key = randomUUID();
      const file = (n: number) => `{"accountNumber":"${key}${n}","givenName":"Ada","familyName":"Byron"}`;
      const send = (n: number) => post('/v1/imports', file(n), key, 'application/x-ndjson');
      const first = await send(1);
      expect(first.status).toBe(202);
      expectReplay(await send(1), first);
      const reused = await send(2);
      expect([reused.status, reused.body]).toMatchObject([422, { type: '/problems/idempotency-key-reused' }]);
      const { rows } = await api.sql.query('SELECT FROM import WHERE id = $1', [first.body['id']]);
      expect(rows).toHaveLength(1);
      expect(await count(`import WHERE status = 'receiving'`)).toBe(0);
    });

    it('begins one republication', async () => {
      const key = randomUUID();
      const first = await post('/v1/admin/republish', {}, key);
      expect(first.status).toBe(202);
      expectReplay(await post('/v1/admin/republish', {}, key), first);
    });
  });

  it.each(['', '""', 'two words', 'a, b', 'x'.repeat(256)])('that is %j is 400', async (key) => {
    expect((await create(key, aCustomer())).status).toBe(400);
  });
});
