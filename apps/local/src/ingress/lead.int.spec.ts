import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { lead } from './lead.js';

const portOf = (server: Server | TcpServer) => (server.address() as AddressInfo).port;

describe('a port that leads to replicas', () => {
  const replicas = new Map<string, Server>();
  let port: number;
  let addresses: string[];
  let door: TcpServer;

  /** Each on an address of its own, as containers are. */
  async function replica(address: string): Promise<void> {
    const server = createServer((request, response) => {
      request.on('end', () => response.end(address)).resume();
    });
    server.listen(port, address);
    await once(server, 'listening');
    port = portOf(server);
    replicas.set(address, server);
  }
  const ask = () =>
    fetch(`http://127.0.0.1:${portOf(door)}`, {
      headers: { connection: 'close' },
      method: 'POST',
      body: 'x',
    });

  beforeEach(async () => {
    port = 0;
    addresses = ['127.0.0.2', '127.0.0.3'];
    for (const address of addresses) await replica(address);
    door = lead({ host: 'search-indexer', port }, async () => addresses);
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
  });
  afterEach(() => {
    door.close();
    for (const server of replicas.values()) server.close().closeAllConnections();
    replicas.clear();
  });

  it('leads to each of them', async () => {
    const asked = new Set<string>();
    // Of 200 connections none goes to one of two with a probability of 2^-199.
    for (let n = 0; n < 200 && asked.size < 2; n++) asked.add(await (await ask()).text());
    expect(asked).toEqual(new Set(addresses));
  });

  it('leads to those that are left', async () => {
    replicas.get('127.0.0.2')?.close().closeAllConnections();
    for (let n = 0; n < 8; n++) expect(await (await ask()).text()).toBe('127.0.0.3');
  });

  it.each([
    ['none accepts', ['127.0.0.4'], /ECONNREFUSED/],
    ['the name stands for nobody', [], /has no address/],
  ])('says so when %s', async (_, known, detail) => {
    addresses = known;
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      title: 'search-indexer does not run',
      detail: expect.stringMatching(detail) as string,
    });
  });
});
