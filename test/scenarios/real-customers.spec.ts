import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Customer } from '@app/contracts';
import { eventually } from '@app/testing';
import { type Service, Platform } from '../support/platform.js';
import {
  type CsvRow,
  customerOf,
  customersFile,
  moved,
  movesFile,
  realCustomersAreHere,
  rowsOf,
} from '../support/real-customers.js';

interface Found extends Customer {
  score: number;
}
interface Mail {
  messageId: string;
  to: string[];
  duplicates: number;
}

const sampleSize = 200;
const memoryLimitMiB = 300;
const services: (Service | 'broker')[] = [
  'profile',
  'search-indexer',
  'address-notifications',
  'audit',
  'console',
  'broker',
];

/** Every n-th row: the same sample at every run. */
const sampleOf = (rows: CsvRow[]): CsvRow[] =>
  rows.filter((_row, index) => index % Math.floor(rows.length / sampleSize) === 0).slice(0, sampleSize);

if (!realCustomersAreHere)
  console.warn('../shared/data is absent: the scenarios of real customers have nothing to read');

(realCustomersAreHere ? describe : describe.skip)(
  'real customers come in, and every consumer is served',
  () => {
    const customers = realCustomersAreHere ? rowsOf(customersFile) : [];
    const moves = realCustomersAreHere ? rowsOf(movesFile) : [];
    const expected = moved(customers, moves);
    const changes = [...expected.values()].reduce((sum, one) => sum + one.changes, 0);
    let platform: Platform;
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'import-'));
      platform = await Platform.start();
    }, 120_000);
    afterAll(async () => {
      await platform.stop();
      await rm(folder, { recursive: true });
    }, 30_000);

    const find = async (row: CsvRow): Promise<Found | undefined> => {
      const query = encodeURIComponent(`${row['first_name']} ${row['last_name']} ${row['account_number']}`);
      const { items } = await platform.get<{ items: Found[] }>(
        'search-indexer',
        `/v1/search/customers?q=${query}&limit=5`,
      );
      return items.find((item) => item.accountNumber === row['account_number']);
    };
    const profileOf = async (row: CsvRow): Promise<Customer | undefined> => {
      const query = `/v1/customers?accountNumber=${row['account_number']}`;
      return (await platform.get<{ items: Customer[] }>('profile', query)).items[0];
    };

    it('imports all of them, field by field, into profile and search', async () => {
      const { code, output } = await platform.importFile(customersFile);
      expect({ code, output }).toMatchObject({
        code: 0,
        output: expect.stringContaining('15,109 added') as string,
      });
      await platform.settled();
      for (const row of sampleOf(customers)) {
        const [profile, found] = await Promise.all([profileOf(row), find(row)]);
        expect(profile).toMatchObject(customerOf(row));
        const { birthDate: _notSearched, ...searched } = customerOf(row);
        expect(found).toMatchObject({ id: profile?.id, ...searched });
      }
    }, 180_000);

    it('moves them: each real change is a mail, each mail is one', async () => {
      const { code } = await platform.importFile(movesFile);
      expect(code).toBe(0);
      await platform.settled();
      const mails = await eventually(
        async () => {
          const sent = await platform.all<Mail>('mailbox', '/messages?limit=200');
          return sent.length === changes && sent;
        },
        { timeoutMs: 120_000, intervalMs: 1_000 },
      );
      expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(changes);
      const perAddress = new Map<string, number>();
      for (const mail of mails) perAddress.set(mail.to[0] ?? '', (perAddress.get(mail.to[0] ?? '') ?? 0) + 1);
      for (const row of customers) {
        expect([row['email'], perAddress.get(row['email'] ?? '') ?? 0]).toEqual([
          row['email'],
          expected.get(row['account_number'] ?? '')?.changes,
        ]);
      }
      for (const row of sampleOf(moves)) {
        expect((await profileOf(row))?.addresses.home).toEqual(
          expected.get(row['account_number'] ?? '')?.home,
        );
      }
    }, 240_000);

    it('has every event in an audit that verifies', async () => {
      const audit = await platform.get('audit', '/v1/audit/verify');
      expect(audit).toEqual({ valid: true, entries: customers.length + changes });
    });

    it.each([
      ['customers.csv', customersFile, '15,109 unchanged'],
      ['address-changes.csv', movesFile, '6,000 unchanged'],
    ])(
      'makes no event of the same %s again',
      async (_name, file, unchanged) => {
        const { output } = await platform.importFile(file);
        expect(output).toContain(unchanged);
        await platform.settled();
        expect(await platform.get('audit', '/v1/audit/verify')).toMatchObject({
          entries: customers.length + changes,
        });
      },
      60_000,
    );

    it('refuses rows with line, column and reason, and takes the rest', async () => {
      const lines = (await readFile(customersFile, 'utf8')).split('\n').slice(0, 101);
      const wrong = lines.map((line, index) => {
        const cells = line.replace('AW000', 'XX000').split(',');
        if (index === 10) cells[6] = '1966-02-30';
        if (index === 20) cells[3] = '';
        return cells.join(',');
      });
      const file = join(folder, 'wrong.csv');
      await writeFile(file, wrong.join('\n'));
      const { code, output } = await platform.importFile(file);
      expect(code).toBe(0);
      expect(output).toContain('98 added, 0 changed, 0 unchanged, 2 refused');
      expect(output).toMatch(/line 11, birth_date: .*date/);
      expect(output).toMatch(/line 21, last_name: .*empty/);
    }, 60_000);

    it('stays below its memory throughout', async () => {
      const peaks = await Promise.all(
        services.map(async (one) => [one, await platform.peakMemory(one)] as const),
      );
      expect(peaks.filter(([, peak]) => !(peak < memoryLimitMiB))).toEqual([]);
    });
  },
);
