import { type TestDatabase, testDatabase } from '@app/testing';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { DataSource } from 'typeorm';
import { openDatabase } from './data-source.js';
import { GivingUpClient } from './giving-up-client.js';

/** Between the pool and PostgreSQL, to lose a connection without a word. */
class Wire {
  private readonly sockets: Socket[] = [];
  private readonly server: Server;

  constructor(target: URL) {
    this.server = createServer((socket) => {
      const onward = connect(Number(target.port), target.hostname);
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) this.sockets.push(end.on('error', () => end.destroy()));
    }).listen(0, '127.0.0.1');
  }

  async port(): Promise<string> {
    if (!this.server.listening) await once(this.server, 'listening');
    return String((this.server.address() as AddressInfo).port);
  }

  /** What is connected now hears nothing more; new connections are as ever. */
  lose(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('a pool', () => {
  let database: TestDatabase;
  let wire: Wire;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    const url = new URL(database.url);
    wire = new Wire(new URL(database.url));
    url.port = await wire.port();
    url.hostname = '127.0.0.1';
    dataSource = await openDatabase(url.href, {
      migrations: [],
      poolSize: 1,
      connection: { query_timeout: 500 },
    });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await wire.close();
    await database.drop();
  });

  it('gives a silent connection up, and goes on with another', async () => {
    await dataSource.query('SELECT 1');
    wire.lose();
    await expect(dataSource.query('SELECT 1')).rejects.toThrow('Query read timeout');
    await expect(dataSource.query('SELECT 1 AS n')).resolves.toEqual([{ n: 1 }]);
  });

  it('outlives a client that ends while nobody holds it', () => {
    expect(() => new GivingUpClient().emit('error', new Error('terminated'))).not.toThrow();
  });

  it('lets no statement run for ever', async () => {
    const [row] = await dataSource.query<{ statement_timeout: string }[]>('SHOW statement_timeout');
    expect(row?.statement_timeout).toBe('40s');
  });
});
