import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@app/testing';
import { Platform, type Service } from '../support/platform.js';

interface Replay {
  state: 'running' | 'finished' | 'replaced';
  partitions: { eventsLeft: number }[];
  verification?: { verified: number; missing: number; different: number };
}
type Item = Record<string, unknown>;

const customers = 3_000;
const moves = 50;
const killsWanted = 3;

const header = 'account_number,first_name,last_name,email,address_line1,city,country\n';
const row = (n: number, street: string) =>
  `R${n},Given${n},Family${n},r${n}@example.org,${n} ${street},Lyon,FR\n`;

describe('a replay of the services', () => {
  let platform: Platform;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'replay-'));
    platform = await Platform.start();
    const file = join(folder, 'customers.csv');
    const rows = Array.from({ length: customers }, (_, n) => row(n, 'First St'));
    const moved = Array.from({ length: moves }, (_, n) => row(n, 'Second St'));
    for (const content of [rows, moved]) {
      await writeFile(file, [header, ...content].join(''));
      const { code, output } = await platform.importFile(file);
      if (code !== 0) throw new Error(`the import ended with ${code}: ${output}`);
    }
    await platform.settled();
  }, 180_000);
  afterAll(async () => {
    await platform.stop();
    await rm(folder, { recursive: true });
  }, 30_000);

  const everybody = async (): Promise<Item[]> => {
    const found = await platform.all<Item>('search-indexer', '/v1/search/customers?limit=200');
    for (const item of found) delete item['score'];
    return found;
  };
  const mails = async () => (await platform.all<Item>('mailbox', '/messages')).length;
  const status = (service: Service) => platform.get<Replay>(service, '/admin/replay');
  const left = ({ partitions }: Replay) => partitions.reduce((sum, { eventsLeft }) => sum + eventsLeft, 0);
  /** Facts of the profile that the audit has; it also has the replays that this spec begins. */
  const audited = async () => {
    const entries = await platform.all<{ source: string }>('audit', '/v1/audit/entries?limit=200');
    return entries.filter(({ source }) => source === '/profile').length;
  };
  const begin = (service: Service, more = {}) =>
    platform.post(service, '/admin/replay', { from: 'earliest', ...more });
  const ended = (service: Service) =>
    eventually(async () => (await status(service)).state === 'finished', { timeoutMs: 60_000 });

  it('rebuilds the search beside the live view, which finds everybody all the time', async () => {
    const before = await everybody();
    expect(before.length).toBe(customers);
    await begin('search-indexer');
    let asked = 0;
    const found = new Set<number>();
    await eventually(
      async () => {
        const { state } = await status('search-indexer');
        found.add((await everybody()).length);
        asked++;
        return state === 'finished';
      },
      { timeoutMs: 60_000 },
    );
    expect(asked).toBeGreaterThan(1);
    expect([...found]).toEqual([customers]);
    expect(await everybody()).toEqual(before);
  }, 120_000);

  it('comes to the same end when the process is killed at its begin and in its midst', async () => {
    const before = await everybody();
    let kills = 0;
    for (let round = 0; round < 10 && kills < killsWanted; round++) {
      await begin('search-indexer');
      const atOnce = kills === 0;
      const midway = await eventually(
        async () => {
          const replay = await status('search-indexer');
          if (replay.state === 'finished') return 'missed';
          return atOnce || left(replay) < customers + moves ? 'now' : false;
        },
        { timeoutMs: 30_000, intervalMs: 5 },
      );
      if (midway === 'missed') continue;
      const killed = await platform.kill('search-indexer');
      kills++;
      await eventually(async () => ((await platform.pidOf('search-indexer')) ?? killed) !== killed, {
        timeoutMs: 30_000,
      });
      await ended('search-indexer');
      expect(await everybody()).toEqual(before);
    }
    expect(kills).toBe(killsWanted);
  }, 240_000);

  it('appends nothing to the audit, and says that every event is there', async () => {
    expect(await audited()).toBe(customers + moves);
    await begin('audit');
    await ended('audit');
    const { verification } = await status('audit');
    expect(verification).toMatchObject({ missing: 0, different: 0 });
    expect(verification?.verified).toBeGreaterThanOrEqual(customers + moves);
    expect(await audited()).toBe(customers + moves);
    expect(await platform.get('audit', '/v1/audit/verify')).toMatchObject({ valid: true });
  }, 120_000);

  it('sends no mail again, asked to or not: who was told is told', async () => {
    await eventually(async () => expect(await mails()).toBe(moves), { timeoutMs: 30_000 });
    for (const more of [{}, { effects: true }]) {
      await begin('address-notifications', more);
      await ended('address-notifications');
    }
    const { items } = await platform.get<{ items: { status: string }[] }>(
      'address-notifications',
      '/v1/notifications?limit=200',
    );
    expect(items.map(({ status: told }) => told)).toEqual(Array(moves).fill('sent'));
    expect(await mails()).toBe(moves);
  }, 120_000);

  it('is not needed by a group that begins late: what is republished changes nothing for the others', async () => {
    const before = await everybody();
    const begun = (await (await platform.post('profile', '/v1/admin/republish')).json()) as { id: string };
    await eventually(
      async () => {
        const path = `/v1/admin/republish/${begun.id}`;
        return (await platform.get<{ status: string }>('profile', path)).status === 'completed';
      },
      { timeoutMs: 60_000 },
    );
    await platform.settled();
    expect(await everybody()).toEqual(before);
    expect(await mails()).toBe(moves);
    // And that somebody had it republished.
    expect(await audited()).toBe(customers + moves + customers + 1);
    expect(await platform.get('audit', '/v1/audit/verify')).toMatchObject({ valid: true });
    const { createdAt } = await platform.get<{ createdAt: string }>(
      'profile',
      `/v1/admin/republish/${begun.id}`,
    );
    await begin('search-indexer', { from: createdAt });
    await ended('search-indexer');
    expect(await everybody()).toEqual(before);
  }, 180_000);

  it('touches no other group', async () => {
    const { partitions } = await platform.get<{ partitions: { sequenceNumber: number }[] }>(
      'audit',
      '/admin/consumer',
    );
    await begin('search-indexer');
    const after = await platform.get<{ partitions: { sequenceNumber: number }[] }>(
      'audit',
      '/admin/consumer',
    );
    expect(after.partitions.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
      partitions.map(({ sequenceNumber }) => sequenceNumber),
    );
    await ended('search-indexer');
  }, 60_000);
});
