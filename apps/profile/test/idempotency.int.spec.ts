import type { Customer } from '@app/contracts';
import { aCustomer, eventually } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { type Answer, ProfileApi } from './profile-api.js';

describe('an Idempotency-Key', () => {
  let api: ProfileApi;
  let sql: Client;

  beforeAll(async () => {
    api = await ProfileApi.start();
    sql = new Client(api.database.url);
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await api.stop();
  });

  const create = (key: string, body: unknown, at = api): Promise<Answer<Customer>> =>
    at.call<Customer>('POST', '/v1/customers', body, { 'idempotency-key': key });
  const count = async (table: string): Promise<number> =>
    (await sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n ?? 0;
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
      await sql.query('BEGIN');
      try {
        await sql.query('LOCK TABLE customer IN SHARE MODE');
        await work();
      } finally {
        await sql.query('ROLLBACK');
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
    await sql.query('BEGIN');
    await sql.query('LOCK TABLE outbox IN SHARE MODE');
    const cut = create(key, input).then(
      () => 'answered',
      () => 'cut short',
    );
    await eventually(async () => (await count(`pg_locks WHERE NOT granted`)) > 0);
    await api.service.kill('SIGKILL');
    expect(await cut).toBe('cut short');
    await sql.query('ROLLBACK');
    api = await api.again();
    const retried = await create(key, input);
    expect(retried.status).toBe(201);
    expect(outcome(await create(key, input))).toEqual(outcome(retried));
  });

  it('leaves nothing readable of a person behind, and nothing at all after a day', async () => {
    const key = `mail-of-${randomUUID()}`;
    const input = aCustomer();
    const { body } = await create(key, input);
    const { rows } = await sql.query<{ line: string }>(
      'SELECT r::text AS line FROM idempotency_record r WHERE customer_id = $1',
      [body.id],
    );
    expect(rows).toHaveLength(1);
    for (const secret of [key, input.familyName, input.accountNumber])
      expect(rows[0]?.line).not.toContain(secret);

    await sql.query(
      `UPDATE idempotency_record SET created_at = now() - interval '23 hours 59 minutes' WHERE customer_id <> $1`,
      [body.id],
    );
    await sql.query(
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

  it.each(['', '""', 'two words', 'a, b', 'x'.repeat(256)])('that is %j is 400', async (key) => {
    expect((await create(key, aCustomer())).status).toBe(400);
  });
});
