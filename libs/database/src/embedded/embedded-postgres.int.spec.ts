import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '@app/testing';
import { Client } from 'pg';
import { findBinaries } from './binaries.js';
import { chooseIdentity } from './identity.js';
import { type PostgresServer, startPostgres } from './server.js';

/** As in a root user's clone: nobody else may enter the folder. */
let closed: string;
let port: number;
const servers: PostgresServer[] = [];

beforeAll(async () => {
  closed = await mkdtemp(join(tmpdir(), 'embedded-'));
  await chmod(closed, 0o700);
});
beforeEach(async () => {
  port = await freePort();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(() => rm(closed, { recursive: true, force: true }));

async function start(dataDir = join(closed, 'data')): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir, port, password: 'p@ss/word' });
  servers.push(server);
  return server;
}

describe('embedded PostgreSQL', () => {
  it('is made in a folder that only its owner may enter, knows letters beyond ASCII and keeps its data', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept (n int)', 'INSERT INTO kept VALUES (7)');
    expect(
      await query(first, `SELECT to_tsvector('simple', 'Zoë Иван')::text AS words, lower('ÅSE')`),
    ).toEqual([{ words: `'zoë':1 'иван':2`, lower: 'åse' }]);
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null });

    expect(await query(await start(), 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('takes connections over its socket too, for which the password is asked as well', async () => {
    const server = await start();
    const over = 'SELECT inet_server_addr() IS NULL AS socket';
    const client = new Client({ connectionString: server.socketUrl('postgres') });
    await client.connect();
    expect((await client.query(over)).rows).toEqual([{ socket: true }]);
    await client.end();
    const stranger = new Client({
      connectionString: server.socketUrl('postgres').replace('p%40ss', 'guess'),
    });
    await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
  });

  it('goes on after it was killed, with its postmaster.pid left behind', async () => {
    const killed = await start();
    await query(killed, 'CREATE TABLE survivor (n int)', 'INSERT INTO survivor VALUES (1)');
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;

    expect(await query(await start(), 'SELECT n FROM survivor')).toEqual([{ n: 1 }]);
  });

  it('stops a predecessor that its launcher left running, and takes over', async () => {
    const orphan = await start();
    const next = await start();
    expect(await orphan.exited).toEqual({ code: 0, signal: null });
    expect(await query(next, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('does not take another process for a running server because it has the old number', async () => {
    await (await start()).stop();
    await writeFile(join(closed, 'data/postmaster.pid'), `${process.pid}\n`);
    expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('names a taken port and the variable that sets another', async () => {
    const occupant = createServer().listen(port, '127.0.0.1');
    try {
      await expect(start()).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        message: `PostgreSQL: port ${port} is taken (POSTGRES_PORT sets another)`,
      });
    } finally {
      occupant.close();
    }
  });

  it('leaves a folder alone that holds something else', async () => {
    const dataDir = join(closed, 'photos');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'cat.jpg'), 'meow');
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'FOLDER_NOT_A_CLUSTER' });
    expect(await readFile(join(dataDir, 'cat.jpg'), 'utf8')).toBe('meow');
  });

  it('finds somebody to be even when the binaries lie in a closed folder', async () => {
    const { initdb } = await findBinaries();
    const data = join(closed, 'identity');
    await mkdir(data);
    await cp(dirname(dirname(initdb)), join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    const identity = await chooseIdentity(join(closed, 'native/bin/initdb'), data);
    const needed = process.getuid?.() === 0 ? /^(setpriv|unshare)$/ : /^$/;
    expect(identity.prefix[0] ?? '').toMatch(needed);
  });
});

async function query(server: PostgresServer, ...statements: string[]): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const sql of statements) ({ rows } = await client.query<Record<string, unknown>>(sql));
    return rows;
  } finally {
    await client.end();
  }
}
