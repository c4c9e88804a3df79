import { ConsumerServer } from '@app/consumer';
import { eventually, type StartedBroker, startBroker, type TestDatabase, testDatabase } from '@app/testing';
import { Webhook } from 'standardwebhooks';
import { v7 as uuidv7 } from 'uuid';
import { EventGridUnderTest } from '../test-support/event-grid-under-test.js';
import { Handler } from '../test-support/handler.js';

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

it('pushes a signed CloudEvent of the stream to who subscribed, once the handler has agreed', async () => {
  const { status, body } = await grid.subscribe('moves', handler.url, {
    filter: { includedEventTypes: ['AddressChanged'] },
  });
  expect([status, body]).toMatchObject([201, { provisioningState: 'Succeeded' }]);
  expect(handler.handshakes).toHaveLength(1);
  const customerId = uuidv7();
  await grid.happen(customerId, 'ConsentChanged');
  const id = await grid.happen(customerId);
  await eventually(async () =>
    expect(await grid.deliveries('moves')).toMatchObject([{ state: 'delivered' }]),
  );
  expect(handler.received).toHaveLength(1);
  const [received] = handler.received;
  if (!received) throw new Error('nothing came');
  expect(received.headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'webhook-id': id,
    'aeg-subscription-name': 'MOVES',
  });
  expect(verified(body['signingSecret'], received)).toMatchObject({
    specversion: '1.0',
    id,
    type: 'AddressChanged',
    source: '/profile',
    subject: customerId,
    data: { changed: ['addresses.home'], personal: expect.stringMatching(/^[\w-]+\.\./) as string },
  });
  expect(await grid.deliveries('moves')).toMatchObject([
    { state: 'delivered', attempts: 1, event: { id }, history: [{ outcome: 'Delivered', status: 200 }] },
  ]);
});

it('skips by its type what nobody wants, writes nothing for it, and says so', async () => {
  await grid.subscribe('moves', handler.url, { filter: { includedEventTypes: ['AddressChanged'] } });
  const id = await grid.happen(uuidv7(), 'ConsentChanged');
  const { body } = await grid.call('GET', `/admin/effects/${id}?wait=20s`);
  expect(body).toMatchObject({ eventId: id, state: 'ignored' });
  expect(await grid.sql.query('SELECT FROM inbox WHERE event_id = $1', [id])).toEqual([]);
}, 30_000);

it('meets a wish with every event that is sent after the answer, whichever replica took it', async () => {
  const other = await EventGridUnderTest.start(broker, database);
  const replicas = [grid, other];
  try {
    const partitionsOf = ({ app }: EventGridUnderTest) => app.get(ConsumerServer).processor.sessions.length;
    await eventually(() => expect(replicas.map(partitionsOf)).toEqual([2, 2]), { timeoutMs: 30_000 });
    const sendToEach = (type: string) =>
      Promise.all(['0', '1', '2', '3'].map((id) => grid.happen(uuidv7(), type, undefined, id)));
    const pushed = () => handler.received.map(({ headers }) => headers['webhook-id']);
    for (const [index, replica] of replicas.entries()) {
      const filter = { includedEventTypes: [`wish-${index}`] };
      await replica.subscribe(`wish-${index}`, handler.url, { filter });
      const sent = await sendToEach(`Wish-${index}`);
      await eventually(() => expect(pushed()).toEqual(expect.arrayContaining(sent)), { timeoutMs: 20_000 });
    }
    await other.call('DELETE', '/v1/event-subscriptions/wish-0');
    await sendToEach('Wish-0');
    const last = await sendToEach('Wish-1');
    await eventually(() => expect(pushed()).toEqual(expect.arrayContaining(last)), { timeoutMs: 20_000 });
    expect(handler.received).toHaveLength(12);
  } finally {
    await other.close();
  }
}, 90_000);
