import {
  AzureKeyCredential,
  AzureSASCredential,
  EventGridPublisherClient,
  generateSharedAccessSignature,
} from '@azure/eventgrid';
import { eventually, type StartedBroker, startBroker, type TestDatabase, testDatabase } from '@app/testing';
import { Webhook } from 'standardwebhooks';
import { v7 as uuidv7 } from 'uuid';
import { EventGridUnderTest } from '../test-support/event-grid-under-test.js';
import { Handler } from '../test-support/handler.js';

/** The local one, of docs/event-grid.md. */
const key = 'TE9DQUxfRVZFTlRfR1JJRF9LRVk=';

let broker: StartedBroker;
let database: TestDatabase;
let grid: EventGridUnderTest;
let handler: Handler;

beforeAll(async () => {
  [broker, database] = await Promise.all([startBroker(), testDatabase()]);
  grid = await EventGridUnderTest.start(broker, database);
}, 60_000);
afterAll(async () => {
  await grid.close();
  await database.drop();
  await broker.stop();
});
beforeEach(async () => {
  handler = await Handler.start();
});
afterEach(async () => {
  await grid.sql.query('DELETE FROM event_subscription');
  await handler.stop();
});

const verified = (secret: unknown, { body, headers }: (typeof handler.received)[number]): unknown =>
  new Webhook(secret as string).verify(body, headers as Record<string, string>);

const idsOf = ({ received }: Handler) => received.map(({ headers }) => headers['webhook-id']);

const hung: { end(): void }[] = [];
afterEach(() => hung.splice(0).forEach((response) => response.end()));

it('keeps a handler that hangs from holding up the others', async () => {
  const slow = await Handler.start();
  slow.behaviour = (_, response) => void hung.push(response);
  await grid.subscribe('slow', slow.url);
  await grid.subscribe('quick', handler.url);
  const customerId = uuidv7();
  for (let n = 0; n < 60; n++) await grid.happen(customerId);
  await eventually(() => expect(handler.received.length).toBe(60), { timeoutMs: 20_000 });
  expect(slow.received.length).toBeLessThanOrEqual(4);
  expect((await grid.deliveries('slow')).every(({ state }) => state === 'waiting')).toBe(true);
  await grid.call('DELETE', '/v1/event-subscriptions/slow');
  hung.splice(0).forEach((response) => response.end());
  await slow.stop();
}, 60_000);

it('tries again by the schedule, then keeps a dead letter that can be redriven', async () => {
  handler.behaviour = (_, response) => void response.writeHead(500).end('broken');
  await grid.subscribe('failing', handler.url, { retryPolicy: { maxDeliveryAttempts: 3 } });
  const id = await grid.happen(uuidv7());
  const attempts = async (n: number) =>
    eventually(async () => expect(await grid.deliveries('failing')).toMatchObject([{ attempts: n }]));
  await eventually(async () => expect((await grid.deliveries('failing'))[0]?.history).toHaveLength(1));
  grid.move(9_000);
  await attempts(1);
  grid.move(3_000);
  await eventually(async () => expect((await grid.deliveries('failing'))[0]?.history).toHaveLength(2));
  grid.move(35_000);
  await eventually(async () =>
    expect(await grid.deliveries('failing')).toMatchObject([
      {
        state: 'dead',
        attempts: 3,
        deadLetterReason: 'MaxDeliveryAttemptsExceeded',
        history: Array.from({ length: 3 }, () => ({ outcome: 'ServerError', status: 500, detail: 'broken' })),
      },
    ]),
  );
  const letters = await grid.call<{ items: unknown[] }>(
    'GET',
    '/v1/event-subscriptions/failing/dead-letters',
  );
  expect(letters.body.items).toMatchObject([
    {
      event: {
        id,
        deadletterreason: 'MaxDeliveryAttemptsExceeded',
        deliveryattempts: 3,
        lastdeliveryoutcome: 'ServerError',
      },
    },
  ]);
  handler.behaviour = (_, response) => void response.writeHead(204).end();
  const redriven = await grid.call('POST', '/v1/event-subscriptions/failing/dead-letters/redrive', {});
  expect(redriven).toEqual({ status: 202, body: { deliveries: 1 } });
  await eventually(async () =>
    expect(await grid.deliveries('failing')).toMatchObject([{ state: 'delivered', attempts: 1 }]),
  );
  // Every attempt carried the same id.
  expect(new Set(handler.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
});

it('pushes nothing before the handler agrees, and asks again', async () => {
  handler.agrees = false;
  const { body } = await grid.subscribe('later', handler.url);
  expect(body).toMatchObject({
    provisioningState: 'Creating',
    provisioningError: expect.any(String) as string,
  });
  const witness = await Handler.start();
  await grid.subscribe('witness', witness.url);
  const early = await grid.happen(uuidv7());
  // Another subscription has it, so it was matched while this one had not been agreed to.
  await eventually(() => expect(idsOf(witness)).toContain(early));
  handler.agrees = true;
  grid.move(12_000);
  await eventually(async () =>
    expect((await grid.call('GET', '/v1/event-subscriptions/later')).body).toMatchObject({
      provisioningState: 'Succeeded',
    }),
  );
  const id = await grid.happen(uuidv7());
  await eventually(() => expect(idsOf(handler)).toEqual([id]));
  await witness.stop();
});

it('can be agreed to by hand, with the code of the handshake only', async () => {
  handler.agrees = false;
  await grid.subscribe('by-hand', handler.url, { eventDeliverySchema: 'EventGridSchema' });
  const [{ data }] = JSON.parse(handler.handshakes[0]?.body ?? '[{}]') as [
    { data: { validationUrl: string; validationCode: string } },
  ];
  const { pathname, search } = new URL(data.validationUrl);
  expect((await grid.call('GET', `${pathname}?code=wrong`)).status).toBe(404);
  expect(await grid.call('GET', pathname + search)).toMatchObject({
    body: { provisioningState: 'Succeeded' },
  });
});

it('speaks Event Grid’s schema, with headers of the subscription’s own', async () => {
  await grid.subscribe('azure', handler.url, {
    eventDeliverySchema: 'EventGridSchema',
    destination: {
      endpointType: 'WebHook',
      properties: {
        endpointUrl: handler.url,
        deliveryAttributeMappings: [
          { name: 'X-Key', type: 'Static', properties: { value: 'hidden', isSecret: true } },
        ],
      },
    },
  });
  const shown = await grid.call('GET', '/v1/event-subscriptions/azure');
  expect(JSON.stringify(shown.body)).not.toContain('hidden');
  expect(JSON.stringify(shown.body)).not.toContain('whsec_');
  const customerId = uuidv7();
  const id = await grid.happen(customerId);
  await eventually(() => expect(handler.received).toHaveLength(1));
  expect(handler.received[0]?.headers).toMatchObject({ 'x-key': 'hidden', 'aeg-event-type': 'Notification' });
  expect(JSON.parse(handler.received[0]?.body ?? '')).toMatchObject([
    {
      id,
      eventType: 'AddressChanged',
      subject: customerId,
      topic: '/profile',
      dataVersion: '1',
      metadataVersion: '1',
    },
  ]);
});

describe('personal data', () => {
  const personalIn = (n: number): unknown =>
    (JSON.parse(handler.received[n]?.body ?? '{}') as { data: { personal?: unknown } }).data;
  const filter = {
    advancedFilters: [{ operatorType: 'StringIn', key: 'data.personal.current.givenName', values: ['kari'] }],
  };

  it('is opened for who asked for it with the scope, and looked into by a filter', async () => {
    await grid.subscribe('opened', handler.url, { personalData: 'opened', filter });
    await grid.happen(uuidv7(), 'AddressChanged', { current: { givenName: 'Ola' }, previous: {} });
    await grid.happen(uuidv7());
    await eventually(() => expect(handler.received).toHaveLength(1));
    expect(personalIn(0)).toMatchObject({ personal: { current: { givenName: 'Kari' } } });
  });

  it('is left out where that was chosen', async () => {
    await grid.subscribe('omitted', handler.url, { personalData: 'omitted' });
    await grid.happen(uuidv7());
    await eventually(() => expect(handler.received).toHaveLength(1));
    expect(personalIn(0)).toEqual({ changed: ['addresses.home'] });
  });

  it.each(['sealed', 'omitted'])('that is %s cannot be filtered by: 422', async (personalData) => {
    const { status, body } = await grid.subscribe('refused', handler.url, { personalData, filter });
    expect([status, body['errors']]).toMatchObject([422, [{ pointer: '/filter/advancedFilters' }]]);
  });

  it('is not opened without the scope: 403', async () => {
    const restore = grid.revoke('personal-data:read');
    expect((await grid.subscribe('refused', handler.url, { personalData: 'opened' })).status).toBe(403);
    restore();
  });

  it('of an erased customer is gone from what waits, and from what handlers answered', async () => {
    handler.behaviour = (_, response) => void response.writeHead(500).end('Kari is unknown');
    await grid.subscribe('erased', handler.url, { personalData: 'opened' });
    const customerId = uuidv7();
    await grid.happen(customerId);
    await eventually(async () => expect((await grid.deliveries('erased'))[0]?.history).toHaveLength(1));
    grid.keys.set(customerId, { erased: true });
    handler.behaviour = (_, response) => void response.writeHead(200).end();
    await grid.happen(customerId, 'CustomerErased');
    await eventually(() => expect(handler.received).toHaveLength(2));
    grid.move(12_000);
    await eventually(() => expect(handler.received).toHaveLength(3));
    expect(personalIn(2)).toMatchObject({ personal: null, erased: true });
    const kept = await grid.sql.query(
      'SELECT history::text, data FROM delivery d JOIN grid_event e ON e.id = d.event_key',
    );
    expect(JSON.stringify(kept)).not.toContain('Kari');
  });
});

it.each([
  ['http://10.0.0.1/', '/destination/properties/endpointUrl'],
  ['https://169.254.169.254/latest', '/destination/properties/endpointUrl'],
  ['https://user:pass@127.0.0.1:8443/', '/destination/properties/endpointUrl'],
])('refuses %s: 422', async (endpointUrl, pointer) => {
  const { status, body } = await grid.subscribe('refused', endpointUrl);
  expect([status, body['errors']]).toMatchObject([422, [{ pointer }]]);
});

it.each([
  ['X-A', 'line\r\nX-Evil: 1'],
  ['X A', 'value'],
  ['Host', 'elsewhere'],
  ['webhook-signature', 'mine'],
])('refuses the header %j: 422', async (name, value) => {
  const properties = {
    endpointUrl: handler.url,
    deliveryAttributeMappings: [{ name, type: 'Static', properties: { value } }],
  };
  const destination = { endpointType: 'WebHook', properties };
  expect((await grid.call('PUT', '/v1/event-subscriptions/refused', { destination })).status).toBe(422);
});

it('signs with both secrets while they change', async () => {
  const { body: first } = await grid.subscribe('rotating', handler.url);
  const { body: second } = await grid.call('POST', '/v1/event-subscriptions/rotating/rotate-secret', {});
  await grid.happen(uuidv7());
  await eventually(() => expect(handler.received).toHaveLength(1));
  const [both] = handler.received;
  if (!both) throw new Error('nothing came');
  expect(verified(first['signingSecret'], both)).toEqual(verified(second['signingSecret'], both));
  grid.move(25 * 3_600_000);
  await grid.happen(uuidv7());
  await eventually(() => expect(handler.received).toHaveLength(2));
  const [, one] = handler.received;
  if (!one) throw new Error('nothing came');
  expect(() => verified(first['signingSecret'], one)).toThrow('signature');
  expect(verified(second['signingSecret'], one)).toBeDefined();
});

describe('the unmodified @azure/eventgrid publisher', () => {
  const publisher = async <S extends 'CloudEvent' | 'EventGrid'>(
    schema: S,
    credential?: AzureSASCredential,
  ) =>
    new EventGridPublisherClient(
      `${await grid.app.getUrl()}/api/events`,
      schema,
      credential ?? new AzureKeyCredential(key),
      { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } },
    );

  it('publishes CloudEvents', async () => {
    await grid.subscribe('orders', handler.url, { filter: { subjectBeginsWith: 'ORDER-' } });
    const client = await publisher('CloudEvent');
    await client.send([
      {
        type: 'OrderPlaced',
        source: '/shop',
        subject: 'order-1',
        data: { total: 5 },
        extensionAttributes: { shop: 'oslo' },
      },
      { type: 'OrderPlaced', source: '/shop', subject: 'basket-1', data: {} },
    ]);
    await eventually(() => expect(handler.received).toHaveLength(1));
    expect(JSON.parse(handler.received[0]?.body ?? '')).toMatchObject({
      type: 'OrderPlaced',
      shop: 'oslo',
      data: { total: 5 },
    });
  });

  it('publishes events of Event Grid’s schema, with a token, too', async () => {
    await grid.subscribe('orders', handler.url, { eventDeliverySchema: 'EventGridSchema' });
    const url = `${await grid.app.getUrl()}/api/events`;
    const token = await generateSharedAccessSignature(
      url,
      new AzureKeyCredential(key),
      new Date(Date.now() + 60_000),
    );
    const client = await publisher('EventGrid', new AzureSASCredential(token));
    await client.send([
      { eventType: 'OrderPlaced', subject: 'order-1', dataVersion: '2.0', data: { total: 5 } },
    ]);
    await eventually(() => expect(handler.received).toHaveLength(1));
    expect(JSON.parse(handler.received[0]?.body ?? '')).toMatchObject([
      { eventType: 'OrderPlaced', subject: 'order-1', dataVersion: '2.0', data: { total: 5 } },
    ]);
  });

  it('is refused with a wrong key, an expired token, or in the name of profile', async () => {
    const url = `${await grid.app.getUrl()}/api/events`;
    const post = (headers: Record<string, string>, body = '[]') =>
      fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    expect((await post({})).status).toBe(401);
    expect((await post({ 'aeg-sas-key': 'wrong' })).status).toBe(401);
    const expired = await generateSharedAccessSignature(
      url,
      new AzureKeyCredential(key),
      new Date(Date.now() - 1_000),
    );
    expect((await post({ 'aeg-sas-token': expired })).status).toBe(401);
    const forged = JSON.stringify({
      specversion: '1.0',
      id: '1',
      type: 'CustomerErased',
      source: '/profile',
    });
    expect((await post({ 'aeg-sas-key': key }, forged)).status).toBe(400);
    expect((await post({ 'aeg-sas-key': key })).status).toBe(400);
  });
});

it('keeps what happens while another handler has yet to agree, and pushes it there', async () => {
  const [next, witness] = await Promise.all([Handler.start(), Handler.start()]);
  await grid.subscribe('moving', handler.url);
  await grid.subscribe('beside', witness.url);
  next.agrees = false;
  const { body } = await grid.subscribe('moving', next.url);
  expect(body).toMatchObject({ provisioningState: 'Updating' });
  const id = await grid.happen(uuidv7());
  // Another subscription has it, so it was matched while nobody had agreed to this one.
  await eventually(() => expect(idsOf(witness)).toEqual([id]));
  expect([idsOf(handler), idsOf(next)]).toEqual([[], []]);
  next.agrees = true;
  grid.move(12_000);
  await eventually(() => expect(idsOf(next)).toEqual([id]));
  await Promise.all([next.stop(), witness.stop()]);
});

it('explains which clause of a filter matched, and which did not', async () => {
  const customerId = uuidv7();
  const id = await grid.happen(customerId);
  const { body, status } = await grid.call<{ items: { event: { id: string } }[] }>(
    'POST',
    '/v1/event-subscriptions:explain',
    {
      filter: {
        includedEventTypes: ['addresschanged'],
        subjectEndsWith: 'nobody',
        advancedFilters: [{ operatorType: 'StringIn', key: 'data.changed', values: ['addresses.home'] }],
      },
    },
  );
  expect(status).toBe(200);
  expect(body.items.find(({ event }) => event.id === id)).toMatchObject({
    matched: false,
    clauses: [
      { clause: '/includedEventTypes', matched: true },
      { clause: '/subjectEndsWith', matched: false, found: JSON.stringify(customerId) },
      { clause: '/advancedFilters/0', matched: true, found: '["addresses.home"]' },
    ],
  });
});
