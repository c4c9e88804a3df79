import { Logger } from '@nestjs/common';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ServiceToken } from '@app/service-defaults';
import { eventually } from '@app/testing';
import { ErasureConfirmer } from '../erasure/erasure-confirmer.js';
import { ConsumerEvents } from '../lifecycle/consumer.events.js';
import { KeyServiceError, KeySource } from '../keys/key-source.js';
import { GroupRegistration } from './group-registration.service.js';

const token = Object.assign(new ServiceToken({}), { get: async () => 'the-token' });
const key = { kty: 'oct', alg: 'A256GCM', kid: 'a', k: Buffer.alloc(32, 7).toString('base64url') };

describe('what the runtime asks of profile', () => {
  let profile: Server;
  let calls: { method: string; url: string; authorization: string; body: unknown }[];
  let answer: { status: number; body?: unknown };

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(async () => {
    calls = [];
    const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { method = '', url = '', headers } = request;
      const body: unknown = JSON.parse(await text(request));
      calls.push({ method, url, authorization: headers.authorization ?? '', body });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body ?? {}));
    };
    profile = createServer((request, response) => void respond(request, response)).listen(0, '127.0.0.1');
    await new Promise((resolve) => profile.once('listening', resolve));
    process.env['PROFILE_URL'] = `http://127.0.0.1:${(profile.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    delete process.env['PROFILE_URL'];
    await new Promise((resolve) => profile.close(resolve));
  });

  it('keys and tombstones, with its own token', async () => {
    answer = {
      status: 200,
      body: {
        items: [
          { customerId: 'a', key },
          { customerId: 'b', erased: true },
        ],
      },
    };
    const keys = await new KeySource(token).fetch(['a', 'b']);
    expect(keys).toEqual(
      new Map<string, unknown>([
        ['a', { erased: false, key: Buffer.alloc(32, 7) }],
        ['b', { erased: true }],
      ]),
    );
    expect(calls).toEqual([
      {
        method: 'POST',
        url: '/v1/personal-data-keys',
        authorization: 'Bearer the-token',
        body: { customerIds: ['a', 'b'] },
      },
    ]);
  });

  it.each([
    ['an unknown customer', { status: 404 }],
    ['an error', { status: 500 }],
    [
      'an answer of another form',
      { status: 200, body: { items: [{ customerId: 'a', key: { k: 'short' } }] } },
    ],
  ])('and takes %s for a failure of the infrastructure', async (_, given) => {
    answer = given;
    await expect(new KeySource(token).fetch(['a'])).rejects.toBeInstanceOf(KeyServiceError);
  });

  it('and names the customers that profile does not know', async () => {
    const errors = [{ pointer: '/customerIds/1', detail: 'No customer has the id 7.' }];
    answer = { status: 404, body: { type: 'customer-not-found', errors } };
    await expect(new KeySource(token).fetch(['a', '7'])).rejects.toThrow(
      'answered 404: No customer has the id 7.',
    );
  });

  it('to know the group, until it does', async () => {
    answer = { status: 503 };
    const registration = new GroupRegistration({ consumerGroup: 'search-indexer' }, token);
    registration.onApplicationBootstrap();
    while (calls.length < 2) await new Promise((resolve) => profile.once('request', resolve));
    answer = { status: 204 };
    await registration.whenRegistered();
    expect(new Set(calls.map(({ method, url }) => `${method} ${url}`))).toEqual(
      new Set(['PUT /v1/consumer-groups/search-indexer']),
    );
    expect(calls.length).toBeGreaterThan(2);
  });

  it('to take an erasure as confirmed, until it does', async () => {
    const rows = new Map([['e 1', 0]]);
    const database = {
      query: async (sql: string, [id]: unknown[]) => {
        if (sql.startsWith('SELECT'))
          return [...rows].map(([erasureId, attempts]) => ({ erasureId, attempts }));
        if (sql.startsWith('DELETE')) rows.delete(id as string);
        else rows.set(id as string, (rows.get(id as string) ?? 0) + 1);
        return [];
      },
    };
    answer = { status: 503 };
    const url = process.env['PROFILE_URL'] as string;
    const confirmer = new ErasureConfirmer('audit', url, database, token, new ConsumerEvents());
    confirmer.onApplicationBootstrap();
    await eventually(() => (rows.get('e 1') ?? 0) > 2);
    answer = { status: 204 };
    await eventually(() => rows.size === 0);
    await confirmer.onModuleDestroy();
    expect(calls.at(-1)).toEqual({
      method: 'POST',
      url: '/v1/erasures/e%201/confirmations',
      authorization: 'Bearer the-token',
      body: { consumerGroup: 'audit' },
    });
  });

  it('and ends with the service, registered or not', async () => {
    answer = { status: 503 };
    const registration = new GroupRegistration({ consumerGroup: 'audit' }, token);
    registration.onApplicationBootstrap();
    await registration.onModuleDestroy();
  });
});
