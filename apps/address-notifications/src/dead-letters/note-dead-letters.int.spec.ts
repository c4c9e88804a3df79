import { openDatabase } from '@app/database';
import { CommandSender, DeadLetterQueue } from '@app/service-bus';
import { eventually, type StartedBroker, startBroker, type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { migrations } from '../address-notifications.module.js';
import { listNotifications } from '../notifications/list-notifications.js';
import { noteDeadLetters } from './note-dead-letters.js';

const Properties = { DefaultMessageTimeToLive: 'PT1S', DeadLetteringOnMessageExpiration: true };
const config = { UserConfig: { Namespaces: [{ Name: 'spec', Queues: [{ Name: 'brief', Properties }] }] } };

describe('a command that the queue itself has given up', () => {
  let broker: StartedBroker;
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations });
    broker = await startBroker({ config });
  }, 60_000);
  afterAll(async () => {
    await broker.stop();
    await dataSource.destroy();
    await database.drop();
  });

  it('is failed by its record, too, and what is only waiting is not', async () => {
    await dataSource.query(
      `INSERT INTO notification (event_id, customer_id, type, status, created_at)
       SELECT id, 'c1', 'AddressChanged', status, now() - interval '2 minutes'
         FROM unnest(ARRAY['dead', 'sent', 'waits'], ARRAY['queued', 'sent', 'queued']) AS given (id, status)`,
    );
    const settings = { connectionString: broker.connectionString, queue: 'brief' };
    const sender = new CommandSender(settings);
    const commands = ['dead', 'sent'].map((messageId) => ({
      messageId,
      name: 'SendNotification',
      body: '{}',
    }));
    await sender.send(commands);
    await sender.close();
    const deadLetters = new DeadLetterQueue(settings);
    await eventually(async () => (await deadLetters.list({ limit: 10 })).length === 2, { timeoutMs: 20_000 });

    await noteDeadLetters(dataSource, deadLetters, 180_000);
    const statuses = async () =>
      (await listNotifications(dataSource, { customerId: undefined, before: undefined, limit: 10 })).map(
        ({ eventId, status, reason }) => [eventId, status, reason],
      );
    const waits = ['waits', 'queued', undefined];
    const sent = ['sent', 'sent', undefined];
    expect(await statuses()).toEqual([waits, sent, ['dead', 'queued', undefined]]);
    await noteDeadLetters(dataSource, deadLetters, 60_000);
    expect(await statuses()).toEqual([waits, sent, ['dead', 'failed', 'TTLExpiredException']]);
  });
});
