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
