import { eventually } from '@app/testing';
import { ended, imported, type Job, sendFile } from './import-file.js';
import { ProfileApi } from './profile-api.js';

interface Errors {
  items: { line: number; column?: string; reason: string }[];
  nextCursor?: string;
}

const header = 'account_number,first_name,last_name,address_line1,city,country';
const person = (n: number | string, city = 'Lyon'): string =>
  `I${n},Given${n},Family${n},${n} First St,${city},FR`;
const moves = (account: string, ...cities: string[]): string =>
  ['account_number,address_line1,city,country', ...cities.map((city) => `${account},1 Rue,${city},FR`)].join(
    '\n',
  );
const csv = (...rows: string[]): string => `${[header, ...rows].join('\n')}\n`;

describe('imports', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const done = (text: string, type = 'text/csv', query = ''): Promise<Job> =>
    imported(api, text, { query, headers: { 'content-type': type } });

  const eventsOf = async (accountNumber: string): Promise<string[]> => {
    const { rows } = await api.sql.query<{ type: string }>(
      `SELECT attributes->>'type' AS type FROM outbox JOIN customer ON customer.id::text = subject
       WHERE account_number = $1 ORDER BY outbox.id`,
      [accountNumber],
    );
    return rows.map((row) => row.type);
  };

  it('answers 202 with where to look, and keeps no byte once through', async () => {
    const accepted = await sendFile(api, csv(person(1), person(2)));
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/v1/imports/${accepted.body.id}`);
    expect(await ended(api, accepted.body.id)).toMatchObject({
      status: 'completed',
      read: 2,
      added: 2,
      refused: 0,
    });
    expect((await api.sql.query('SELECT 1 FROM import_chunk')).rowCount).toBe(0);
  });

  it('makes the events of several rows of one customer, in order', async () => {
    await done(csv(person('M')));
    await done(moves('IM', 'Paris', 'Paris', 'Nice'));
    expect(await eventsOf('IM')).toEqual(['CustomerAdded', 'AddressChanged', 'AddressChanged']);
  });

  it('makes them part of the trace that the file came in', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    await imported(api, csv(person('Traced')), {
      headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` },
    });
    const { rows } = await api.sql.query<{ traceparent: string }>(
      `SELECT attributes->>'traceparent' AS traceparent FROM outbox JOIN customer ON customer.id::text = subject
        WHERE account_number = 'ITraced'`,
    );
    expect(rows).toEqual([{ traceparent: expect.stringContaining(trace) as string }]);
  });

  it('knows a customer again that the batch before has added, though this one was made ready before', async () => {
    const rows = Array.from({ length: 600 }, (_, n) => person(`P${n}`));
    const job = await done(csv(...rows, person('P0'), person('P499')));
    expect(job).toMatchObject({ added: 600, unchanged: 2, refused: 0 });
    expect(await eventsOf('IP0')).toEqual(['CustomerAdded']);
  });

  it('runs a batch again when somebody else was quicker', async () => {
    await done(csv(person('Q')));
    await api.sql.query('BEGIN');
    await api.sql.query("UPDATE customer SET account_number = 'IQ1' WHERE account_number = 'IQ'");
    const { body } = await sendFile(api, csv(person('Q1'), person('Q2')));
    await eventually(async () => {
      const waiting =
        'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
      return (await api.sql.query(waiting)).rowCount === 1;
    });
    await api.sql.query('COMMIT');
    expect(await ended(api, body.id)).toMatchObject({ added: 1, changed: 1, refused: 0 });
    expect(await eventsOf('IQ1')).toEqual(['CustomerAdded', 'CustomerNameChanged', 'AddressChanged']);
    expect(await eventsOf('IQ2')).toEqual(['CustomerAdded']);
  });

  it('takes NDJSON', async () => {
    const lines = ['{"accountNumber":"N1","givenName":"Ada","familyName":"Byron"}', '{"accountNumber":', ''];
    const job = await done(lines.join('\n'), 'application/x-ndjson');
    expect(job).toMatchObject({ added: 1, refused: 1 });
  });

  it('knows a file by its bytes, whatever happened since, unless told to apply it again', async () => {
    await done(csv(person('R')));
    const file = moves('IR', 'Nice', 'Paris');
    const first = await done(file);
    expect(first).toMatchObject({ added: 0, changed: 2 });
    expect(await done(file)).toMatchObject({ added: 0, changed: 0, unchanged: 2, repeats: first.id });
    expect(await eventsOf('IR')).toHaveLength(3);
    expect(await done(file, 'text/csv', '?again=true')).toMatchObject({ changed: 2 });
  });

  it('tries the rows again that were refused before, and only them', async () => {
    const file = moves('ILate', 'Paris');
    expect(await done(file)).toMatchObject({ refused: 1 });
    await done(csv(person('Late')));
    expect(await done(file)).toMatchObject({ changed: 1, refused: 0 });
  });

  it('lists refused rows page by page, with line, column and reason', async () => {
    const bad = Array.from({ length: 7 }, (_, n) => person(`B${n}`).replace(',FR', ',XX'));
    const { id } = await done(csv(person('B'), ...bad));
    const first = await api.call<Errors>('GET', `/v1/imports/${id}/errors?limit=5`);
    const second = await api.call<Errors>(
      'GET',
      `/v1/imports/${id}/errors?limit=5&cursor=${first.body.nextCursor}`,
    );
    const items = [...first.body.items, ...second.body.items];
    expect(items.map((item) => item.line)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(items[0]).toEqual({
      line: 3,
      column: 'country',
      reason: expect.stringContaining('ISO 3166') as string,
    });
    expect(second.body).not.toHaveProperty('nextCursor');
  });

  it.each([
    ['nothing at all', ''],
    ['an unknown column', 'account_number,shoe_size\nA,43\n'],
  ])('fails on %s with a sentence', async (_what, text) => {
    const job = await done(text);
    expect(job.status).toBe('failed');
    expect(job.failure).toMatch(/line 1/);
  });

  it.each([
    ['POST', '/v1/imports', 'application/json', 415],
    ['POST', '/v1/imports?again=perhaps', 'text/csv', 400],
    ['GET', '/v1/imports/0190a1b2-0000-7000-8000-00000000dead', '', 404],
    ['GET', '/v1/imports/nonsense', '', 400],
  ])('answers %s %s as %s with %i', async (method, path, type, status) => {
    const body = method === 'POST' ? '{}' : undefined;
    const answer = await api.call(method, path, body, type ? { 'content-type': type } : {});
    expect(answer.status).toBe(status);
  });

  it('goes on where it was when the process is killed in the middle', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => person(`K${n}`));
    const { id } = (await sendFile(api, csv(...rows))).body;
    await eventually(async () => (await api.call<Job>('GET', `/v1/imports/${id}`)).body.read >= 1_000);
    await api.service.kill('SIGKILL');
    const { rows: half } = await api.sql.query<Job>('SELECT status, read FROM import WHERE id = $1', [id]);
    expect(half[0]).toMatchObject({ status: 'running' });

    api = await api.again();
    expect(await ended(api, id)).toMatchObject({
      status: 'completed',
      read: 20_000,
      added: 20_000,
      changed: 0,
    });
    const { rows: events } = await api.sql.query<{ count: number }>(
      `SELECT count(*)::int FROM outbox JOIN customer ON customer.id::text = subject WHERE account_number LIKE 'IK%'`,
    );
    expect(events[0]?.count).toBe(20_000);
  }, 60_000);
});
