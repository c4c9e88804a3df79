import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { chains, cut, length, newKey, PublishedAudit, rechain } from '../../test/published-audit.js';
import { verifyChains } from '../verify/verify-chains.js';
import { HeadsFile } from './heads-file.js';
import { HeadsDifferError, publishHeads } from './publish-heads.js';

let audit: PublishedAudit;

beforeEach(async () => {
  audit = await PublishedAudit.open();
});
afterEach(() => audit.close());

const verify = () => verifyChains(audit.dataSource, audit.publication);
const publish = () => publishHeads(audit.dataSource, audit.publication);

describe('the file of published heads', () => {
  const verified = async () => (await verify()).firstBad;

  it('that was removed is missed', async () => {
    await rm(audit.fileOf(1));
    expect(await verified()).toEqual({ partitionId: 1, position: 1, reason: 'published head missing' });
  });

  it('that lost its last line is missed', async () => {
    const lines = (await readFile(audit.fileOf(1), 'utf8')).trimEnd().split('\n');
    await writeFile(audit.fileOf(1), `${lines.slice(0, -1).join('\n')}\n`);
    expect(await verified()).toEqual({ partitionId: 1, position: 13, reason: 'published head missing' });
  });

  it.each([
    ['lost a line in the middle', (lines: string[]) => lines.splice(1, 1), 2],
    ['has a line twice', (lines: string[]) => lines.splice(1, 0, lines[0] as string), 2],
    ['was edited', (lines: string[]) => lines.splice(1, 1, lines[1]?.replace('.', '.A') as string), 2],
  ])('that %s is told as forged', async (_, change, position) => {
    const lines = (await readFile(audit.fileOf(0), 'utf8')).trimEnd().split('\n');
    change(lines);
    await writeFile(audit.fileOf(0), `${lines.join('\n')}\n`);
    expect(await verified()).toEqual({ partitionId: 0, position, reason: 'published head forged' });
  });

  it('signed by another key is no proof', async () => {
    const other = { ...audit.publication, key: await newKey() };
    expect((await verifyChains(audit.dataSource, other)).firstBad).toMatchObject({
      reason: 'published head forged',
    });
    await expect(publishHeads(audit.dataSource, other)).rejects.toThrow('not signed by AUDIT_HEADS_KEY');
  });

  it('whose last line was torn by a crash goes on without it', async () => {
    await audit.append(0, length, length + 5);
    await appendFile(audit.fileOf(0), 'eyJhbGciOi');
    expect(await verified()).toBeUndefined();
    expect(await publish()).toBe(5);
    expect(await verify()).toEqual({ valid: true, entries: chains * length + 5 });
    const { folder, key } = audit.publication;
    const last = (await new HeadsFile(folder, 0).last()) as string;
    expect((await key.read(last))?.position).toBe(BigInt(length + 5));
  });

  it('that is ahead of what the database noted, after a crash, goes on', async () => {
    await audit.dataSource.query('UPDATE audit_chain SET published = 12');
    expect(await publish()).toBe(0);
    expect(await audit.dataSource.query('SELECT DISTINCT published FROM audit_chain')).toEqual([
      { published: '30' },
    ]);
  });
});

describe('publishing', () => {
  it('counts what it published, and says nothing where nothing is new', async () => {
    const size = await new HeadsFile(audit.publication.folder, 0).size();
    expect(await publish()).toBe(0);
    expect(await new HeadsFile(audit.publication.folder, 0).size()).toBe(size);
  });

  it('leaves it to one of several', async () => {
    await audit.append(0, length, length + 5);
    const counts = await Promise.all([1, 2, 3].map(() => publish()));
    expect(counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(5);
    expect((await verify()).valid).toBe(true);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a chain that was cut', () => audit.tamper((sql) => cut(sql, 1, 20)), 'entry 30 is not the one'],
    [
      'a chain that was rewritten',
      () => audit.tamper((sql) => rechain(sql, 1, 4, (entry) => (entry.body = Buffer.from('forged')))),
      'entry 30 is not the one',
    ],
    ['a file that was cut', () => truncate(audit.fileOf(1), 0), 'ends at 0, but 30 entries were published'],
  ])('refuses to go on over %s', async (_, change, message) => {
    await change();
    await audit.append(0, length, length + 1);
    const publishing = publish();
    await expect(publishing).rejects.toThrow(HeadsDifferError);
    await expect(publishing).rejects.toThrow(message);
  });
});
