import { eventually, type StartedBroker, startBroker, type TestDatabase, testDatabase } from '@app/testing';
import { v7 as uuidv7 } from 'uuid';
import { EventGridUnderTest } from '../../test-support/event-grid-under-test.js';
import { Handler } from '../../test-support/handler.js';

let broker: StartedBroker;
let database: TestDatabase;
let grid: EventGridUnderTest;
let handler: Handler;
let witness: Handler;
const hung: { end(): void }[] = [];

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
  [handler, witness] = await Promise.all([Handler.start(), Handler.start()]);
});
afterEach(async () => {
  await grid.sql.query('DELETE FROM event_subscription');
  for (const response of hung.splice(0)) response.end();
  await Promise.all([handler.stop(), witness.stop()]);
});

const attemptsOf = async (name: string) => (await grid.deliveries(name)).map(({ history }) => history);

it.each([
  ['a NUL', 'before\0after', 'before\u{fffd}after'],
  ['half of a pair at the cut', `${'x'.repeat(499)}😀`, `${'x'.repeat(499)}\u{fffd}`],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x41]), '\u{fffd}\u{fffd}A'],
])('writes down an attempt whose answer has %s', async (_, answer, detail) => {
  handler.behaviour = (_request, response) => void response.writeHead(500).end(answer);
  await grid.subscribe('hostile', handler.url);
  await grid.subscribe('witness', witness.url);
  await grid.happen(uuidv7());
  await eventually(async () =>
    expect(await attemptsOf('hostile')).toMatchObject([[{ status: 500, detail }]]),
  );
  expect(await attemptsOf('witness')).toMatchObject([[{ status: 200 }]]);
});

it('pushes nothing more of what it has claimed once the subscription is gone, or leads elsewhere', async () => {
  handler.behaviour = (_, response) => void hung.push(response);
  await grid.subscribe('leaving', handler.url);
  for (let n = 0; n < 12; n++) await grid.happen(uuidv7());
  await eventually(() => expect(handler.received).toHaveLength(4));
  await grid.subscribe('leaving', witness.url);
  for (const response of hung.splice(0)) response.end();
  await eventually(() => expect(witness.received).toHaveLength(8));
  expect(handler.received).toHaveLength(4);
  // What it gave back was no attempt.
  expect((await grid.deliveries('leaving')).map(({ attempts }) => attempts)).toEqual(Array(12).fill(1));
  await grid.call('DELETE', '/v1/event-subscriptions/leaving');
  expect(await grid.sql.query('SELECT FROM delivery')).toEqual([]);
});
