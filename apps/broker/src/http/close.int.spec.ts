import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '@app/testing';
import { BrokerHarness, type Running } from '../../test/harness.js';

describe('the HTTP door of an engine that is told to end', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let client: Socket;

  beforeEach(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
    client = connect(broker.httpPort, '127.0.0.1');
    client.on('error', () => undefined); // a connection that has asked nothing may be reset
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    await harness.close();
  });

  const isRefused = () =>
    new Promise<boolean>((resolve) => {
      const other = connect(broker.httpPort, '127.0.0.1');
      other.on('connect', () => resolve(false)).on('error', () => resolve(true));
      other.on('connect', () => other.destroy());
    });

  it('answers a request that it has begun to read, as the last of its connection', async () => {
    let heard = '';
    client.on('data', (chunk) => (heard += chunk.toString()));
    client.on('error', (error) => (heard += error.message));
    client.write('GET /health HTTP/1.1\r\n');
    const over = once(client, 'close');
    const ended = broker.end('SIGTERM');
    await eventually(isRefused, { intervalMs: 2 });
    client.write('Host: localhost\r\n\r\n');
    await over;
    expect(heard).toMatch(/^HTTP\/1\.1 200 OK[^]*connection: close/i);
    expect(await ended).toBe(0);
  });

  it('does not wait for connections that have nothing to ask', async () => {
    const began = performance.now();
    expect(await broker.end('SIGTERM')).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
