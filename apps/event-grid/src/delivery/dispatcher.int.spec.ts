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

const publish = async (body: string) => {
  const headers = {
    'content-type': 'application/cloudevents+json',
    'aeg-sas-key': 'TE9DQUxfRVZFTlRfR1JJRF9LRVk=',
  };
  return (await fetch(`${await grid.app.getUrl()}/api/events`, { method: 'POST', headers, body })).status;
};
const published = { specversion: '1.0', id: '1', type: 'Strange', source: '/elsewhere' };

it('pushes what strangers publish, whatever they call traceparent', async () => {
  await grid.subscribe('strange', handler.url);
  expect(await publish(JSON.stringify({ ...published, traceparent: 'ø\nx-evil: 1' }))).toBe(200);
  await eventually(() => expect(handler.received).toHaveLength(1));
  expect(handler.received[0]?.headers).not.toHaveProperty('traceparent');
  expect(handler.received[0]?.headers).not.toHaveProperty('x-evil');
});

it.each([
  ['a number out of range', JSON.stringify({ ...published, data: [1] }).replace('[1]', '[1e400]')],
  ['data twice', JSON.stringify({ ...published, data: 1, data_base64: 'AA==' })],
])('refuses an event with %s: 400', async (_, body) => expect(await publish(body)).toBe(400));

it('forgets a customer of whom something is kept that jsonb cannot hold', async () => {
  handler.behaviour = (_, response) => void response.writeHead(500).end();
  await grid.subscribe('kept', handler.url);
  const customerId = uuidv7();
  const data = { text: 'Kari\0' };
  expect(await publish(JSON.stringify({ ...published, subject: customerId, data }))).toBe(200);
  const id = await grid.happen(customerId, 'CustomerErased');
  const { body } = await grid.call('GET', `/admin/effects/${id}?wait=20s`);
  expect(body).toMatchObject({ state: 'applied' });
  const kept = await grid.sql.query('SELECT data FROM grid_event WHERE subject = $1', [customerId]);
  expect(JSON.stringify(kept)).not.toContain('Kari');
}, 30_000);

it('keeps no answer of a handler to which personal data is opened', async () => {
  handler.behaviour = (_, response) => void response.writeHead(500).end('Kari is unknown');
  await grid.subscribe('opened', handler.url, { personalData: 'opened' });
  await grid.happen(uuidv7());
  await eventually(async () => expect(await attemptsOf('opened')).toMatchObject([[{ status: 500 }]]));
  expect(JSON.stringify(await grid.deliveries('opened'))).not.toContain('Kari');
});

it('waits as long as a busy handler asks, and gives a redirect up at once', async () => {
  handler.behaviour = (_, response) => void response.writeHead(429, { 'retry-after': '3600' }).end();
  witness.behaviour = (_, response) => void response.writeHead(308, { location: handler.url }).end();
  await grid.subscribe('busy', handler.url);
  await grid.subscribe('elsewhere', witness.url);
  await grid.happen(uuidv7());
  const dead = { state: 'dead', deadLetterReason: 'RedirectRefused', attempts: 1 };
  await eventually(async () => expect(await grid.deliveries('elsewhere')).toMatchObject([dead]));
  await eventually(async () => expect(await attemptsOf('busy')).toMatchObject([[{ outcome: 'Busy' }]]));
  const [{ nextAttemptAt = '', publishedAt = '' } = {}] = (await grid.deliveries('busy')) as {
    nextAttemptAt?: string;
    publishedAt?: string;
  }[];
  expect(Date.parse(nextAttemptAt) - Date.parse(publishedAt)).toBeGreaterThanOrEqual(3_600_000);
});
