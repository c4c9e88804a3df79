import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { httpAdapter } from './adapter.js';
import { Drain } from './drain.js';

describe('a server that is about to close', () => {
  let fastify: FastifyInstance;
  let drain: Drain;
  let client: Socket;
  let heard: string;
  let asked: () => void;
  let answer: () => void;
  let begun: Promise<void>;

  beforeEach(async () => {
    fastify = httpAdapter().getInstance<FastifyInstance>();
    begun = new Promise((resolve) => (asked = resolve));
    const allowed = new Promise<void>((resolve) => (answer = resolve));
    fastify.get('/quick', () => 'quick');
    fastify.get('/slow', async () => {
      asked();
      await allowed;
      return 'slow';
    });
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    drain = new Drain(fastify.server);
    client = connect((fastify.server.address() as AddressInfo).port, '127.0.0.1');
    heard = '';
    client.on('data', (chunk) => (heard += chunk.toString()));
    client.on('error', (error) => (heard += error.message));
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    await fastify.close();
  });

  const ask = (path: string) => client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const closed = async () => {
    const over = once(client, 'close');
    await drain.begin();
    await fastify.close();
    await over;
  };

  it('answers what lies unread in a connection that was idle', async () => {
    ask('/quick');
    await once(client, 'data');
    heard = '';
    ask('/quick');
    await closed();
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK[^]*connection: close[^]*quick$/i);
  });

  it('does not wait for a client that keeps its connection after the answer', async () => {
    ask('/slow');
    await begun;
    const over = closed();
    answer();
    await over;
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK[^]*connection: close[^]*slow$/i);
  });
});
