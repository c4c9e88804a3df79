import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Customer } from '@app/contracts';
import { aCustomer, eventually } from '@app/testing';
import { imported } from './import-file.js';
import { ProfileApi } from './profile-api.js';

/** More than a page. */
const customers = 600;

describe('an export of all customers', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
    const rows = Array.from({ length: customers }, (_, n) =>
      JSON.stringify(aCustomer({ accountNumber: `X${n}` })),
    );
    await imported(api, rows.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  }, 60_000);
  afterAll(() => api.stop());

  const exported = (query = '', headers: Record<string, string> = {}) =>
    fetch(`${api.service.url}/v1/exports/customers${query}`, {
      headers: { authorization: `Bearer ${api.token}`, 'accept-encoding': 'identity', ...headers },
    });

  it('has each once, with all that is theirs', async () => {
    const answer = await exported();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const lines = (await answer.text()).trimEnd().split('\n');
    const all = lines.map((line) => JSON.parse(line) as Customer);
    expect(new Set(all.map(({ accountNumber }) => accountNumber)).size).toBe(customers);
    expect(all).toHaveLength(customers);
    const [first] = all as [Customer];
    expect((await api.call('GET', `/v1/customers/${first.id}`)).body).toEqual(first);
  });

  it('in CSV can be imported again, and changes nothing', async () => {
    const file = await (await exported('?format=csv')).text();
    expect(await imported(api, file)).toMatchObject({ read: customers, unchanged: customers, refused: 0 });
  });

  it('comes packed for who takes it so', async () => {
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      const headers = { authorization: `Bearer ${api.token}`, 'accept-encoding': 'br, gzip;q=0.5' };
      request(`${api.service.url}/v1/exports/customers`, { headers }, (response) => {
        expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      })
        .on('error', reject)
        .end();
    });
    expect(gunzipSync(bytes).toString().trimEnd().split('\n')).toHaveLength(customers);
    expect(
      (await exported('', { 'accept-encoding': 'gzip;q=0' })).headers.get('content-encoding'),
    ).toBeNull();
  });

  it('may be of those only that have changed since a time', async () => {
    const { rows } = await api.sql.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const { body } = await api.call<Customer>('POST', '/v1/customers', aCustomer());
    const lines = await (await exported(`?updatedSince=${rows[0]?.now.toISOString()}`)).text();
    expect(JSON.parse(lines)).toEqual(body);
  });

  it('leaves an entry for the audit before its first byte', async () => {
    const token = await api.issuer.personToken('officer');
    const answer = await exported('?format=csv', { authorization: `Bearer ${token}` });
    const { rows } = await api.sql.query<{ body: string }>(
      `SELECT body FROM outbox WHERE attributes->>'type' = 'AdministrativeActRecorded' ORDER BY id DESC LIMIT 1`,
    );
    await answer.body?.cancel();
    expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({
      act: 'bulk-export',
      actor: 'officer',
      details: { format: 'csv', client: 'test-app' },
    });
  });

  it('ends when nobody reads it any more', async () => {
    const answer = await exported('', { 'accept-encoding': 'gzip' });
    await answer.body?.cancel();
    await eventually(async () => {
      const { rows } = await api.sql.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%FROM customer c%'
            AND pid <> pg_backend_pid()`,
      );
      return rows.length === 0;
    });
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
  });

  it.each([
    ['an unknown format', '?format=xml', {}, 400],
    ['an unknown parameter', '?all=true', {}, 400],
    ['a time that is none', '?updatedSince=yesterday', {}, 400],
  ])('with %s is refused', async (_, query, headers, status) => {
    expect((await exported(query, headers)).status).toBe(status);
  });
});
