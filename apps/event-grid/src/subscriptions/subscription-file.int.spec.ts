import { VirtualClock } from '@app/clock';
import { openDatabase } from '@app/database';
import { EnvironmentError } from '@app/service-defaults';
import { type TestDatabase, testDatabase } from '@app/testing';
import { Logger } from '@nestjs/common';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import { networks } from '../egress/networks.js';
import { Resolver } from '../egress/resolver.js';
import type { EventGridSettings } from '../environment.js';
import { eventGridMigrations } from '../migrations/index.js';
import { SubscriptionFile } from './subscription-file.js';
import type { SubscriptionRow } from './subscription-row.js';
import { SubscriptionsService } from './subscriptions.service.js';

class NoNames extends Resolver {
  async addressesOf(hostname: string): Promise<string[]> {
    if (hostname === '127.0.0.1') return [hostname];
    throw new Error('no name server');
  }
}

let testing: TestDatabase;
let database: DataSource;
let folder: string;
let service: SubscriptionsService;
let settings: EventGridSettings;
const told: string[] = [];

beforeAll(async () => {
  testing = await testDatabase();
  database = await openDatabase(testing.url, { migrations: eventGridMigrations });
  folder = await mkdtemp(join(tmpdir(), 'event-grid-'));
  const subscriptionsFile = join(folder, 'event-subscriptions.json');
  settings = { handlerNetworks: networks.parse('loopback'), subscriptionsFile } as EventGridSettings;
  const clock = new VirtualClock(Date.now());
  service = new SubscriptionsService(database, settings, new NoNames(), new Clock(clock, clock));
  const nothing = (): void => undefined;
  Logger.overrideLogger({ log: nothing, warn: nothing, error: (message: string) => void told.push(message) });
});
afterAll(async () => {
  await database.destroy();
  await testing.drop();
  await rm(folder, { recursive: true });
});
beforeEach(() => told.splice(0));
afterEach(() => database.query('DELETE FROM event_subscription'));

const entry = (name: string, more: Record<string, unknown> = {}, endpointUrl = 'http://127.0.0.1:7071/') => ({
  name,
  destination: { endpointType: 'WebHook', properties: { endpointUrl } },
  ...more,
});

/** A start of the service with that file. */
const startWith = async (content: unknown): Promise<void> => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(settings.subscriptionsFile, text);
  await new SubscriptionFile(settings, database, service).onApplicationBootstrap();
};
const stored = (): Promise<SubscriptionRow[]> =>
  database.query('SELECT * FROM event_subscription ORDER BY name');

it('makes what is new, changes what is changed, ends what is gone, and lets be what came over REST', async () => {
  await service.put('by-rest', {
    origin: 'rest',
    properties: {
      ...({ filter: { advancedFilters: [] } } as unknown as SubscriptionRow['properties']),
      endpointUrl: 'http://127.0.0.1:7071/',
      headers: [],
    },
    by: 'ada',
  });
  await startWith({ subscriptions: [entry('first'), entry('second')] });
  const before = await stored();
  expect(before.map(({ name, origin, state }) => [name, origin, state])).toEqual([
    ['by-rest', 'rest', 'Creating'],
    ['first', 'file', 'Creating'],
    ['second', 'file', 'Creating'],
  ]);
  await startWith({
    subscriptions: [entry('second', { filter: { includedEventTypes: ['AddressChanged'] } }), entry('third')],
  });
  const after = await stored();
  expect(after.map(({ name }) => name)).toEqual(['by-rest', 'second', 'third']);
  expect(after[1]?.properties.filter.includedEventTypes).toEqual(['AddressChanged']);
  // The same subscription with the same secret, and so the same history.
  expect([after[1]?.id, after[1]?.signing_secret]).toEqual([before[2]?.id, before[2]?.signing_secret]);
  expect(told).toEqual([]);
});

it.each<[string, unknown, string]>([
  ['is no JSON', '{"subscriptions": [', 'is no JSON'],
  ['has no list', {}, '/subscriptions'],
  ['has an entry without an address', { subscriptions: [{ name: 'lame' }] }, 'lame: /destination'],
  ['has a name nobody can have', { subscriptions: [entry('a b')] }, 'a b: /name must be'],
  ['has a name twice', { subscriptions: [entry('twin'), entry('other'), entry('twin')] }, 'twin: /name'],
  ['has an unknown member', { subscriptions: [entry('odd', { colour: 'red' })] }, 'odd: /'],
  ['holds a secret', { subscriptions: [entry('told', { signingSecret: 'whsec_x' })] }, 'told: /'],
  [
    'has a wrong filter',
    {
      subscriptions: [
        entry('fine'),
        entry('wrong', { filter: { advancedFilters: [{ operatorType: 'Is', key: 'type' }] } }),
      ],
    },
    'wrong: /filter/advancedFilters/0',
  ],
  [
    'has a forbidden address',
    { subscriptions: [entry('inner', {}, 'http://10.0.0.1/')] },
    'inner: /destination',
  ],
  [
    'looks into what is sealed',
    {
      subscriptions: [
        entry('nosy', {
          filter: { advancedFilters: [{ operatorType: 'IsNotNull', key: 'data.personal.x' }] },
        }),
      ],
    },
    'nosy: /filter',
  ],
])('ends the start when it %s, naming the entry, and changes nothing', async (_, content, named) => {
  const started = startWith(content);
  await expect(started).rejects.toThrow(EnvironmentError);
  await expect(started).rejects.toThrow(named);
  await expect(started).rejects.toThrow(settings.subscriptionsFile);
  expect(await stored()).toEqual([]);
});

it('leaves out, and names, what cannot be resolved today, or is called as one of REST', async () => {
  await startWith({ subscriptions: [entry('theirs')] });
  await database.query(`UPDATE event_subscription SET origin = 'rest', created_by = 'ada'`);
  await startWith({
    subscriptions: [entry('theirs'), entry('away', {}, 'https://handler.example/'), entry('near')],
  });
  expect((await stored()).map(({ name, origin }) => [name, origin])).toEqual([
    ['near', 'file'],
    ['theirs', 'rest'],
  ]);
  expect(told).toEqual([
    expect.stringMatching(/^theirs of .* REST/),
    expect.stringMatching(/^away of .* cannot be resolved/),
  ]);
});
