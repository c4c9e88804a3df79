import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@app/testing';
import { Platform } from '../support/platform.js';

interface AuditEntry {
  eventId: string;
  type: string;
  customerVersion: number;
}
interface Item {
  id: string;
  accountNumber: string;
  version: number;
  addresses: { home?: { city: string } };
}

const customers = 6_000;
const moves = 2_000;

/** Customers 1…n. */
const writeCustomers = (file: string, prefix: string): Promise<void> =>
  writeRows(file, 'account_number,first_name,last_name,email,address_line1,city,country', customers, (n) => {
    return `${prefix}${n},Given${n},Family${n},${prefix}${n}@example.org,${n} First St,Lyon,FR`;
  });

/** The first of them move. */
const writeMoves = (file: string, prefix: string): Promise<void> =>
  writeRows(file, 'account_number,address_line1,city,country', moves, (n) => {
    return `${prefix}${n},${n} Second St,Paris,FR`;
  });

async function writeRows(
  file: string,
  header: string,
  count: number,
  row: (n: number) => string,
): Promise<void> {
  const out = createWriteStream(file);
  out.write(`${header}\n`);
  for (let n = 1; n <= count; n++) out.write(`${row(n)}\n`);
  out.end();
  await once(out, 'finish');
}

describe('processes killed in the middle of an import', () => {
  let platform: Platform;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'killed-'));
    platform = await Platform.start();
  }, 120_000);
  afterAll(async () => {
    await platform.stop();
    await rm(folder, { recursive: true });
  }, 30_000);

  /** The import has come to this customer; most of it is still to come. */
  const untilImported = (accountNumber: string): Promise<unknown> =>
    eventually(
      async () => {
        const query = `/v1/customers?accountNumber=${accountNumber}`;
        const found = await platform.get<{ items: Item[] }>('profile', query).catch(() => undefined);
        return found !== undefined && found.items.length === 1;
      },
      { timeoutMs: 60_000 },
    );

  it('lose nothing, double nothing and end in the same state', async () => {
    const [file, moved] = [join(folder, 'customers.csv'), join(folder, 'moves.csv')];
    await writeCustomers(file, 'K');
    await writeMoves(moved, 'K');
    const importing = platform.importFile(file);
    await untilImported('K500');
    const killed = [
      await platform.kill('profile'),
      await platform.kill('broker'),
      await platform.kill('search-indexer'),
    ];
    await untilImported('K3000');
    killed.push(await platform.kill('audit'), await platform.kill('address-notifications'));
    killed.push(await platform.kill('broker'));
    expect(new Set(killed).size).toBe(6);

    const { code, output } = await importing;
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('6,000 added') as string,
    });
    expect((await platform.importFile(moved)).output).toContain('2,000 changed');
    await platform.settled();

    const profiles = await platform.all<Item>('profile', '/v1/customers?limit=200');
    expect(profiles).toHaveLength(customers);
    expect(profiles.filter((one) => one.version === 2 && one.addresses.home?.city === 'Paris')).toHaveLength(
      moves,
    );

    const found = await platform.all<Item>('search-indexer', '/v1/search/customers?country=FR&limit=200');
    const cityOf = new Map(found.map((one) => [one.id, one.addresses.home?.city]));
    expect(found).toHaveLength(customers);
    expect(profiles.filter((one) => cityOf.get(one.id) !== one.addresses.home?.city)).toEqual([]);

    expect(await platform.get('audit', '/v1/audit/verify')).toEqual({
      valid: true,
      entries: customers + moves,
    });
    for (const one of profiles.slice(0, 50)) {
      const entries = await platform.all<AuditEntry>('audit', `/v1/audit/entries?customerId=${one.id}`);
      expect(entries).toHaveLength(one.version);
    }

    const mails = await eventually(
      async () => {
        const sent = await platform.all<{ messageId: string }>('mailbox', '/messages?limit=200');
        return sent.length >= moves && sent;
      },
      { timeoutMs: 60_000, intervalMs: 500 },
    );
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(moves);
    expect(mails).toHaveLength(moves);
    expect(platform.output()).toMatch(/profile .*(SIGKILL|restart|again)/);
  }, 180_000);

  it('take up an import whose command was interrupted in the middle', async () => {
    const file = join(folder, 'more.csv');
    await writeCustomers(file, 'L');
    const interrupt = new AbortController();
    const first = platform.importFile(file, interrupt.signal);
    await untilImported('L500');
    interrupt.abort();
    expect(await first).toMatchObject({
      code: 130,
      output: expect.stringContaining('Stopped watching') as string,
    });

    const second = await platform.importFile(file);
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining('6,000 rows') as string });
    await platform.settled();
    expect(await platform.get('audit', '/v1/audit/verify')).toEqual({
      valid: true,
      entries: customers + moves + customers,
    });
  }, 120_000);
});
