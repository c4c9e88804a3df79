import { createSasTokenProvider } from '@azure/core-amqp';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { earliestEventPosition } from '@azure/event-hubs';
import { BrokerHarness, Reading, type Running } from '../test/harness.js';

describe('the HTTP door', () => {
  let harness: BrokerHarness;
  let broker: Running;
  const policies = {
    SharedAccessPolicies: [{ Name: 'listener', Rights: ['Listen'], PrimaryKey: 'listen-1' }],
  };
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    const file = path.join(harness.folder, 'policies.json');
    await writeFile(file, JSON.stringify(policies));
    broker = await harness.start(['--policies', file]);
    const events = [
      { body: { hello: 'wörld' }, properties: { kind: 'greeting' } },
      { body: Buffer.from([0xff, 0]) },
    ];
    await harness.producer(broker).sendBatch(events, { partitionId: '1' });
  });
  afterEach(() => harness.closeClients());
  afterAll(() => harness.close());

  const token = async (resource: string, name = 'RootManageSharedAccessKey', key = 'SAS_KEY_VALUE') => {
    const provider = createSasTokenProvider({ sharedAccessKeyName: name, sharedAccessKey: key });
    return (await (provider.getToken(resource) as Promise<{ token: string }>)).token;
  };
  const get = async (route: string, authorization?: string) => {
    const headers = new Headers(authorization === undefined ? [] : [['authorization', authorization]]);
    const response = await fetch(`http://127.0.0.1:${broker.httpPort}${route}`, { headers });
    const type = response.headers.get('content-type');
    const text = await response.text();
    const body = type?.includes('json') ? (JSON.parse(text) as unknown) : text;
    return { status: response.status, type, body };
  };
  const managed = async (route: string) => get(route, await token('sb://localhost/'));
  const PEEK = '/v1/event-hubs/orders/partitions/1/events';

  it.each(['/metrics', '/v1/event-hubs', '/v1/event-hubs/orders', '/v1/event-hubs/none', PEEK])(
    '%s is shown to nobody without the Manage right there',
    async (route) => {
      const namespace = 'sb://localhost/';
      expect(await get(route)).toMatchObject({ status: 401, type: 'application/problem+json' });
      expect((await get(route, 'Bearer x')).status).toBe(401);
      expect((await get(route, await token(namespace, 'listener', 'listen-1'))).status).toBe(403);
      expect((await get(route, await token(namespace, 'listener', 'guess'))).status).toBe(401);
      expect((await get(route, await token('sb://localhost/single'))).status).toBe(401);
      expect((await get(route, await token('sb://localhost/order'))).status).toBe(401);
    },
  );

  it('shows one hub to who may manage that one', async () => {
    const own = await token('sb://localhost/orders');
    expect(await get('/v1/event-hubs/orders', own)).toMatchObject({ status: 200, body: { name: 'orders' } });
    expect((await get('/v1/event-hubs', own)).status).toBe(401);
  });

  it('lists hubs, groups, partitions, and where each reader is', async () => {
    const reading = new Reading(harness.consumer(broker, { group: 'billing' }), '1', earliestEventPosition, {
      ownerLevel: 3,
      skipParsingBodyAsJson: true,
    });
    await reading.bodies(2);
    const { body } = await managed('/v1/event-hubs');
    const [orders, single] = (body as { items: { partitions: unknown[] }[] }).items;
    expect(orders).toMatchObject({ name: 'orders', consumerGroups: ['$Default', 'billing', 'shipping'] });
    expect(orders?.partitions[1]).toMatchObject({
      id: '1',
      state: 'running',
      beginSequenceNumber: 0,
      nextSequenceNumber: 2,
      unsyncedBytes: 0,
      readers: [{ consumerGroup: 'billing', ownerLevel: 3, bytesBehind: 0 }],
    });
    expect(single).toMatchObject({ name: 'single', partitions: [{ id: '0', nextSequenceNumber: 0 }] });
    expect((await managed('/v1/event-hubs/orders/partitions/1')).body).toEqual(orders?.partitions[1]);
  });

  it('peeks at events by sequence number', async () => {
    expect((await managed(PEEK)).body).toMatchObject({
      items: [
        {
          sequenceNumber: 0,
          offset: '0',
          applicationProperties: { kind: 'greeting' },
          bodyEncoding: 'utf8',
          body: '{"hello":"wörld"}',
        },
        { sequenceNumber: 1, bodyEncoding: 'base64', body: '/wA=' },
      ],
      nextFrom: 2,
    });
    const { body } = await managed(`${PEEK}?from=1&limit=1`);
    expect(body).toMatchObject({ items: [{ sequenceNumber: 1 }], nextFrom: 2 });
    expect((await managed(`${PEEK}?from=2`)).body).toEqual({ items: [], nextFrom: 2 });
  });

  it('counts for Prometheus', async () => {
    const delivered = async () => {
      const { body } = await managed('/metrics');
      const counts =
        /_delivered_events_total\{hub="orders",partition="1"\} (\d+)\n[^]*_delivered_bytes_total\{hub="orders",partition="1"\} (\d+)\n/;
      return counts.exec(String(body))?.slice(1).map(Number) as [number, number];
    };
    const [eventsBefore, bytesBefore] = await delivered();
    const shipping = harness.consumer(broker, { group: 'shipping' });
    await new Reading(shipping, '1', earliestEventPosition).bodies(2);
    const [eventsAfter, bytesAfter] = await delivered();
    expect(eventsAfter - eventsBefore).toBe(2);
    expect(bytesAfter - bytesBefore).toBeGreaterThan(200);
    const { body, type } = await managed('/metrics');
    expect(type).toBe('text/plain; version=0.0.4');
    expect(body).toContain('eventhubs_events_total{hub="orders",partition="1"} 2\n');
    expect(body).toContain('# TYPE eventhubs_readers gauge\n');
  });

  it.each([
    ['/nothing', 404],
    ['/v1/event-hubs/none', 404],
    ['/v1/event-hubs/orders/partitions/9', 404],
    ['/v1/event-hubs/orders/nothing', 404],
    [`${PEEK}/more`, 404],
    [`${PEEK}?limit=0`, 400],
    [`${PEEK}?limit=101`, 400],
    [`${PEEK}?from=-1`, 400],
    [`${PEEK}?from=1e3`, 400],
    ['/v1/event-hubs/%E0%A4%A', 400],
  ])('answers %s with %d', async (route, status) => {
    expect(await managed(route)).toMatchObject({ status, type: 'application/problem+json' });
  });

  it('answers a target that is no path with 400, another method with 405', async () => {
    const ask = (method: string, target: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = http.request({ port: broker.httpPort, method, path: target }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', reject).end();
      });
    expect(await ask('GET', 'http://elsewhere/health')).toBe(400);
    expect(await ask('DELETE', '/v1/event-hubs/orders')).toBe(405);
  });

  it('keeps tokens out of the log', () => {
    expect(broker.output.join('')).not.toMatch(/sig=|listen-1|ERROR/);
  });
});
