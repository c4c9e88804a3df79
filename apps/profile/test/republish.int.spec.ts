import { type Customer, open } from '@app/contracts';
import { aCustomer, eventually } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { ProfileApi } from './profile-api.js';

interface Row {
  id: string;
  subject: string;
  customerversion: number;
  attributes: { id: string; type: string; republished?: string };
  body: string;
}
interface Republish {
  id: string;
  status: string;
  events: number;
}

const customers = 900;

describe('a republication', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
    const rows = Array.from({ length: customers }, (_, n) =>
      JSON.stringify(aCustomer({ accountNumber: `A${n}` })),
    );
    await api.call('POST', '/v1/imports', rows.join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    await eventually(async () => (await stored()) === customers, { timeoutMs: 20_000 });
  });
  beforeEach(() => api.sql.query('DELETE FROM outbox'));
  afterAll(() => api.stop());

  const stored = async (): Promise<number> =>
    (await api.sql.query<{ n: number }>('SELECT count(*)::int AS n FROM customer')).rows[0]?.n ?? 0;
  /** What is told of customers; that somebody wanted it told is another event. */
  const outbox = async (): Promise<Row[]> =>
    (await api.sql.query<Row>(`SELECT * FROM outbox WHERE subject <> 'republications' ORDER BY id`)).rows;
  const begin = (body: unknown = {}) => api.call<Republish>('POST', '/v1/admin/republish', body);
  const completed = (id: string) =>
    eventually(
      async () => {
        const { body } = await api.call<Republish>('GET', `/v1/admin/republish/${id}`);
        return body.status === 'completed' && body;
      },
      { timeoutMs: 20_000 },
    );

  it('tells of every customer as it is, once, and says that it does', async () => {
    const { status, headers, body } = await begin();
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/admin/republish/${body.id}`);
    expect((await completed(body.id)).events).toBe(customers);
    const rows = await outbox();
    expect(new Set(rows.map(({ subject }) => subject)).size).toBe(customers);
    expect(rows.length).toBe(customers);
    const [row] = rows as [Row];
    expect(row.attributes).toMatchObject({ type: 'CustomerAdded', republished: body.id });
    const { rows: keys } = await api.sql.query<{ key: Buffer }>(
      'SELECT key FROM personal_data_key WHERE customer_id = $1',
      [row.subject],
    );
    const data = JSON.parse(row.body) as { personal: string; changed: string[] };
    const { current } = open(data.personal, keys[0]?.key as Buffer) as { current: Customer };
    const { body: now } = await api.call<Customer>('GET', `/v1/customers/${row.subject}`);
    expect(current).toMatchObject({ id: now.id, version: now.version, familyName: now.familyName });
    expect(data.changed).toContain('familyName');
    expect(data.changed).not.toContain('version');
  });

  it('keeps the order of each customer among live changes', async () => {
    const list = await api.call<{ items: Customer[] }>('GET', '/v1/customers?limit=20');
    const { body } = await begin();
    let changes = 0;
    const change = async ({ id }: Customer): Promise<void> => {
      for (let n = 0; n < 5; n++) {
        const { headers } = await api.call('GET', `/v1/customers/${id}`);
        const patch = { familyName: `Changed ${n}` };
        const { status } = await api.call('PATCH', `/v1/customers/${id}`, patch, {
          'if-match': headers.get('etag') ?? '',
          'content-type': 'application/merge-patch+json',
        });
        expect(status).toBe(200);
        changes++;
      }
    };
    await Promise.all(list.body.items.map(change));
    await completed(body.id);
    const rows = await outbox();
    expect(rows.length).toBe(customers + changes);
    const last = new Map<string, number>();
    for (const { subject, customerversion, attributes } of rows) {
      const before = last.get(subject) ?? 0;
      // Told anew at the version it has; a change makes the next one.
      const lowest = attributes.republished === undefined ? before + 1 : before;
      expect(customerversion).toBeGreaterThanOrEqual(lowest);
      last.set(subject, customerversion);
    }
  });

  it('of those changed since a time, leaves out the others', async () => {
    const { rows } = await api.sql.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const one = await api.call<Customer>('POST', '/v1/customers', aCustomer({ accountNumber: randomUUID() }));
    await api.sql.query('DELETE FROM outbox');
    const { body } = await begin({ changedSince: rows[0]?.now.toISOString() });
    expect((await completed(body.id)).events).toBe(1);
    expect((await outbox()).map(({ subject }) => subject)).toEqual([one.body.id]);
  });

  /** Nobody gets past the last customer meanwhile. */
  const heldUp = async (work: () => Promise<void>): Promise<void> => {
    await api.sql.query('BEGIN');
    try {
      await api.sql.query(
        'SELECT FROM customer WHERE id = (SELECT id FROM customer ORDER BY id DESC LIMIT 1) FOR UPDATE',
      );
      await work();
    } finally {
      await api.sql.query('ROLLBACK');
    }
  };

  it('goes on where it was when the process is killed', async () => {
    let id = '';
    await heldUp(async () => {
      id = (await begin()).body.id;
      await eventually(async () => (await outbox()).length > 0);
      await api.service.kill('SIGKILL');
      expect((await outbox()).length).toBeLessThan(customers);
    });
    api = await api.again();
    await completed(id);
    const rows = await outbox();
    expect(rows.length).toBe(await stored());
    expect(new Set(rows.map(({ subject }) => subject)).size).toBe(rows.length);
  });

  it('is one at a time', async () => {
    let running = '';
    await heldUp(async () => {
      running = (await begin()).body.id;
      const { status, body } = await begin();
      expect(status).toBe(409);
      expect(body).toMatchObject({ detail: `Wait for ${running} to be completed.` });
    });
    await completed(running);
    await completed((await begin()).body.id);
  });

  it('refuses what it does not understand', async () => {
    expect((await begin({ changedSince: 'yesterday' })).status).toBe(400);
    expect((await begin({ since: '2026-01-01T00:00:00Z' })).status).toBe(400);
    expect((await api.call('GET', '/v1/admin/republish/7')).status).toBe(400);
    expect((await api.call('GET', `/v1/admin/republish/${randomUUID()}`)).status).toBe(404);
  });
});
