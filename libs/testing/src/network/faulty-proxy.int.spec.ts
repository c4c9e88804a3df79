import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { eventually } from '../eventually.js';
import { portOf } from '../processes/ports.js';
import { FaultyProxy } from './faulty-proxy.js';

describe('the faulty proxy', () => {
  let echo: Server;
  let proxy: FaultyProxy;
  let client: Socket;
  let heard: string;
  let chunks: number;
  let arrived: number;

  beforeEach(async () => {
    arrived = 0;
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        arrived += chunk.length;
        socket.write(chunk);
      });
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await FaultyProxy.to(portOf(echo));
    heard = '';
    chunks = 0;
    client = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true });
    client.on('data', (chunk) => {
      heard += chunk.toString();
      chunks++;
    });
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    await proxy.close();
    echo.close();
  });

  it('passes bytes on, both ways, and the end', async () => {
    client.write('hello');
    await eventually(() => heard === 'hello');
    client.end();
    await once(client, 'close');
    await eventually(() => proxy.openConnections === 0);
  });

  it('resets connections', async () => {
    const failed = once(client, 'error');
    await eventually(() => proxy.openConnections === 1);
    proxy.reset();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('cuts what passes into single bytes', async () => {
    proxy.set({ singleBytes: 100 });
    client.write('0123456789');
    await eventually(() => heard === '0123456789');
    expect(chunks).toBeGreaterThan(1);
  });

  it('swallows answers that were given', async () => {
    proxy.set({ swallowAnswers: true });
    client.write('hello');
    await eventually(() => arrived === 5);
    const failed = once(client, 'error');
    proxy.heal();
    await failed;
    expect(heard).toBe('');
  });

  it('loses what is connected for good, and takes new connections', async () => {
    client.write('hello');
    await eventually(() => heard === 'hello');
    expect(proxy.lose()).toBe(1);
    client.write('anybody?');
    const taken = connect(proxy.port, '127.0.0.1');
    taken.write('x');
    expect(String((await once(taken, 'data'))[0])).toBe('x');
    proxy.heal();
    proxy.reset();
    await once(taken, 'error');
    expect({ arrived, closed: client.destroyed }).toEqual({ arrived: 6, closed: false });
  });

  it('falls silent without telling anybody, and resets such a connection when it heals', async () => {
    proxy.silence();
    client.write('hello');
    const failed = once(client, 'error');
    expect(client.destroyed).toBe(false);
    proxy.heal();
    await failed;
    expect(arrived).toBe(0);
  });

  it('refuses connections until it heals', async () => {
    proxy.refuse();
    const refused = connect(proxy.port, '127.0.0.1');
    expect((await once(refused, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
    proxy.heal();
    const taken = connect(proxy.port, '127.0.0.1');
    taken.write('x');
    await once(taken, 'data');
    taken.destroy();
  });
});
