import { ServiceToken } from '@app/service-defaults';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConsumerClient } from './consumer-client.js';

let server: Server;
let url: URL;
let answer: { status: number; body: unknown };
let asked: IncomingMessage | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked = request;
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer.body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base`);
});
afterAll(() => server.close());

const client = new ConsumerClient(Object.assign(new ServiceToken({}), { get: async () => 'the-token' }));
const question = () => ({
  eventId: 'e1',
  waitMs: 1_234.5,
  place: { partitionId: '2', sequenceNumber: 9, source: '/profile' },
  signal: AbortSignal.timeout(5_000),
});

describe('ConsumerClient', () => {
  it('asks with a token, the wait and the place', async () => {
    answer = {
      status: 200,
      body: { eventId: 'e1', consumerGroup: 'audit', state: 'parked', waitingBehind: 2 },
    };
    expect(await client.effectOf(url, question())).toEqual({ state: 'parked', waitingBehind: 2 });
    expect(asked?.headers.authorization).toBe('Bearer the-token');
    expect(asked?.url).toBe(
      '/base/admin/effects/e1?wait=1234ms&partitionId=2&sequenceNumber=9&source=%2Fprofile',
    );
  });

  it.each([
    ['an error', { status: 503, body: {} }, 'answered 503'],
    ['a state that is none', { status: 200, body: { state: 'lost' } }, 'state'],
    ['something else', { status: 200, body: [] }, 'expected object'],
  ])('throws on %s', async (_, wrong, message) => {
    answer = wrong;
    await expect(client.effectOf(url, question())).rejects.toThrow(message);
  });
});
