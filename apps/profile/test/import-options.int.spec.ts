import { gzipSync } from 'node:zlib';
import { imported, type Job, sendFile } from './import-file.js';
import { ProfileApi } from './profile-api.js';

const header = 'account_number,first_name,last_name,city,address_line1,country';
const person = (number: string, city = 'Lyon'): string => `${number},Ada,Byron,${city},1 Rue,FR`;
const csv = (...rows: string[]): string => `${[header, ...rows].join('\n')}\n`;

describe('an import', () => {
  let api: ProfileApi;

  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const send = (body: string | Buffer, query = '', headers: Record<string, string> = {}) =>
    sendFile(api, body, { query, headers });
  const done = (body: string | Buffer, query = '', headers: Record<string, string> = {}): Promise<Job> =>
    imported(api, body, { query, headers });
  const mapped = (mapping: object): string => `?mapping=${encodeURIComponent(JSON.stringify(mapping))}`;
  const refusedRows = async ({ id }: Job): Promise<string> =>
    (await api.call<string>('GET', `/v1/imports/${id}/refused-rows`)).body;
  const countOf = async (table: string): Promise<number> =>
    (await api.sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n ?? -1;

  describe('that is a dry run', () => {
    it('counts what would be, also where rows build on one another, and does nothing', async () => {
      await done(csv(person('D1')));
      const [customers, events] = [await countOf('customer'), await countOf('outbox')];
      const moves = [
        'account_number,city,address_line1,country',
        'D1,Nice,1 Rue,FR',
        'D1,Nice,1 Rue,FR',
        'D9,Nice,1 Rue,FR',
      ];
      expect(await done(moves.join('\n'), '?dryRun=true')).toMatchObject({
        dryRun: true,
        changed: 1,
        unchanged: 1,
        refused: 1,
      });
      expect(await countOf('customer')).toBe(customers);
      expect(await countOf('outbox')).toBe(events);
      expect(await countOf('import_draft')).toBe(0);
    });

    it('keeps its place over batches, and is no import of the same bytes', async () => {
      const rows = Array.from({ length: 600 }, (_, n) => person(`DR${n}`));
      const file = csv(...rows, ...rows);
      expect(await done(file, '?dryRun=true')).toMatchObject({ added: 600, unchanged: 600 });
      expect(await done(file)).toMatchObject({ added: 600, unchanged: 600 });
    });
  });

  describe('that comes packed', () => {
    const gzip = { 'content-encoding': 'gzip' };

    it('is the same import as the bytes that were packed', async () => {
      const file = csv(person('G1'), person('G2'));
      expect(await done(gzipSync(file), '', gzip)).toMatchObject({ added: 2 });
      expect(await done(file)).toMatchObject({ added: 0, unchanged: 2 });
    });

    it.each([
      ['that is not gzip', Buffer.from('account_number'), 'gzip', 400],
      ['that was cut', gzipSync(csv(person('G3'))).subarray(0, 40), 'gzip', 400],
      ['that is a bomb', gzipSync(Buffer.alloc(80 * 2 ** 20)), 'gzip', 400],
      ['in another encoding', Buffer.from(csv(person('G4'))), 'br', 415],
    ])('%s is refused, and nothing of it is kept', async (_, body, encoding, status) => {
      expect((await send(body, '', { 'content-encoding': encoding })).status).toBe(status);
      expect(await countOf('import_chunk')).toBe(0);
    });
  });

  describe('with a mapping', () => {
    const mapping = {
      columns: { Nr: 'account_number', Vorname: 'first_name', Name: 'last_name', Ort: 'city', Schuhe: null },
      constants: { country: 'DE', address_line1: 'Hauptstr. 1' },
      delimiter: ';',
    };

    it('takes another system’s file as it is, and names its columns', async () => {
      const file = 'Nr;Vorname;Name;Ort;Schuhe\nM1;Ada;Byron;Bonn;42\nM2;;Byron;Bonn;42\n';
      const job = await done(file, mapped(mapping));
      expect(job).toMatchObject({ added: 1, refused: 1 });
      const errors = await api.call<{ items: object[] }>('GET', `/v1/imports/${job.id}/errors`);
      expect(errors.body.items).toMatchObject([{ line: 3, column: 'Vorname' }]);
      expect(await refusedRows(job)).toMatch(
        /^import_line;import_column;import_reason;Nr;Vorname;Name;Ort;Schuhe\n3;Vorname;[^\n]+;M2;;Byron;Bonn;42\n$/,
      );
    });

    it.each([
      ['that is not JSON', '?mapping=%7B'],
      ['with an unknown column', mapped({ columns: { Nr: 'shoe_size' } })],
      ['with an unknown member', mapped({ colums: {} })],
    ])('%s is 400', async (_, query) => {
      expect((await send(csv(person('M3')), query)).status).toBe(400);
    });

    it('that does not fit the file fails the import, and says why', async () => {
      expect(await done(csv(person('M4')), mapped(mapping))).toMatchObject({
        status: 'failed',
        failure: expect.stringContaining('"Nr" is named by the mapping, but not in the header') as string,
      });
    });

    it('is for CSV', async () => {
      const headers = { 'content-type': 'application/x-ndjson' };
      expect((await send('{}', mapped(mapping), headers)).status).toBe(400);
    });
  });

  describe('that says two things of one customer', () => {
    it('keeps the first, and refuses the other with the line of the first', async () => {
      const job = await done(csv(person('T1'), person('T2'), person('T1'), person('T1', 'Nice')));
      expect(job).toMatchObject({ added: 2, unchanged: 1, refused: 1 });
      const errors = await api.call<{ items: object[] }>('GET', `/v1/imports/${job.id}/errors`);
      expect(errors.body.items).toEqual([
        {
          line: 5,
          column: 'account_number',
          reason: 'is the one of line 2, which says otherwise of this customer',
        },
      ]);
    });

    it('is caught over batches, too', async () => {
      const rows = Array.from({ length: 700 }, (_, n) => person(`TB${n}`));
      const job = await done(csv(...rows, person('TB0', 'Nice')));
      expect(job).toMatchObject({ added: 700, refused: 1 });
      expect(await countOf('import_said')).toBe(0);
    });
  });

  describe('whose refused rows are corrected', () => {
    it('takes their report as it is, line by line corrected', async () => {
      const broken = `R2,Ada,"By"ron,Lyon,1 Rue,FR`;
      const job = await done(csv(person('R1'), broken, person('R3').replace(',FR', ',XX'), 'R4,Ada'));
      expect(job).toMatchObject({ added: 1, refused: 3 });
      const report = await refusedRows(job);
      expect(report.split('\n')[0]).toBe(`import_line,import_column,import_reason,${header}`);
      const corrected = report
        .replace('"By"ron', 'Byron')
        .replace(',XX', ',FR')
        .replace('R4,Ada', person('R4'));
      expect(await done(corrected)).toMatchObject({ added: 3, refused: 0 });
    });

    it('gives NDJSON back as it stood', async () => {
      const lines = ['{"accountNumber":"N1"', '{"accountNumber":"N2","givenName":"Ada","familyName":""}'];
      const job = await done(lines.join('\n'), '', { 'content-type': 'application/x-ndjson' });
      expect(await refusedRows(job)).toBe(`${lines.join('\n')}\n`);
    });

    it('keeps nothing of a customer who is erased', async () => {
      await done(csv(person('E1')));
      const job = await done(csv(person('E1', 'Canary Wharf').replace(',FR', ',XX')));
      expect(await refusedRows(job)).toContain('Canary Wharf');
      const { body } = await api.call<{ items: { id: string }[] }>('GET', '/v1/customers?accountNumber=E1');
      expect((await api.call('DELETE', `/v1/customers/${body.items[0]?.id}`)).status).toBe(202);
      expect(await refusedRows(job)).not.toContain('Canary Wharf');
    });
  });
});
