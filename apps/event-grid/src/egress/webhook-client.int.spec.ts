import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { networks } from './networks.js';
import { Resolver } from './resolver.js';
import { WebhookClient } from './webhook-client.js';

/** Answers what the case says, one answer after the other, and counts how often it was asked. */
class Names extends Resolver {
  asked = 0;

  constructor(private readonly answers: string[][]) {
    super();
  }

  async addressesOf(): Promise<string[]> {
    return this.answers[Math.min(this.asked++, this.answers.length - 1)] ?? [];
  }
}

let server: Server;
let connections = 0;
let behave: (text: string) => Buffer | string | undefined;

beforeEach(async () => {
  connections = 0;
  server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const answer = behave(bytes.toString('latin1'));
      if (answer !== undefined) socket.write(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

const call = async (
  host: string,
  answers: string[][],
  { allowed = 'loopback', answerMs = 2_000, scheme = 'http' } = {},
) => {
  const url = new URL(`${scheme}://${host}:${(server.address() as AddressInfo).port}/hook`);
  const names = new Names(answers);
  const client = new WebhookClient(url, names, { handlerNetworks: networks.parse(allowed), answerMs }, 1);
  try {
    return { ...(await client.call({ method: 'POST', headers: {}, body: '{}' })), asked: names.asked };
  } finally {
    await client.close();
  }
};

it('goes to the address that was checked, of one look-up', async () => {
  behave = () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  // The second answer would be another: a name that is bound anew in between.
  expect(await call('handler.example', [['127.0.0.1'], ['10.0.0.1']])).toMatchObject({
    status: 200,
    text: 'ok',
    asked: 1,
  });
});

it.each([
  ['a private address', 'handler.example', [['10.0.0.1']]],
  ['one among several', 'handler.example', [['127.0.0.1', '10.0.0.1']]],
  ['a literal', '127.0.0.1', [['127.0.0.1']]],
  ['no address', 'handler.example', [[]]],
])('opens no connection to %s', async (_, host, answers) => {
  const allowed = host === 'handler.example' ? 'loopback' : '';
  const result = await call(host, answers, { allowed });
  expect([result.outcome, result.status, connections]).toEqual(['AddressForbidden', undefined, 0]);
});

it('follows no redirect', async () => {
  behave = () =>
    'HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n';
  expect(await call('handler.example', [['127.0.0.1']])).toMatchObject({
    status: 307,
    outcome: 'RedirectRefused',
  });
  expect(connections).toBe(1);
});

it('gives up a handler that hangs', async () => {
  behave = () => undefined;
  expect(await call('handler.example', [['127.0.0.1']], { answerMs: 200 })).toMatchObject({
    outcome: 'TimedOut',
  });
});

it('gives up one whose headers never end', async () => {
  behave = () => `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\n`;
  expect(await call('handler.example', [['127.0.0.1']])).toMatchObject({
    outcome: 'SocketError',
    detail: 'UND_ERR_HEADERS_OVERFLOW',
  });
});

it('takes the status of one whose body never ends, and keeps its beginning', async () => {
  behave = () => `HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n${'x'.repeat(1_000_000)}`;
  const { status, text } = await call('handler.example', [['127.0.0.1']]);
  expect([status, text.length]).toEqual([200, 16_384]);
});

it('speaks no HTTP where TLS is asked for', async () => {
  behave = () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  expect(await call('handler.example', [['127.0.0.1']], { scheme: 'https' })).toMatchObject({
    outcome: 'SocketError',
  });
});
