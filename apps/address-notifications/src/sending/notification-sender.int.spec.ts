import { ConsumerEvents, type Progress } from '@app/consumer';
import { openDatabase } from '@app/database';
import { anAddress, eventually, type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { addressChanged } from '../../test/address-changed.js';
import { eventOf, RecordingMailer } from '../../test/mailers.js';
import { CreateNotification1795305600000 } from '../migrations/1795305600000-create-notification.js';
import { recordNotification } from '../recording/record-notification.js';
import { NotificationSender } from './notification-sender.js';

describe('NotificationSender', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const events = new ConsumerEvents();

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations: [CreateNotification1795305600000] });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const record = (id: string) =>
    recordNotification(dataSource, addressChanged(id, { subject: id, after: anAddress() }), true);

  async function sending(mailer: RecordingMailer, work: () => Promise<void>): Promise<void> {
    const sender = new NotificationSender(dataSource, mailer, events);
    sender.onApplicationBootstrap();
    try {
      await work();
    } finally {
      await sender.onModuleDestroy();
    }
    expect(mailer.closed).toBe(true);
    expect(events.listenerCount('batchCommitted')).toBe(0);
  }

  it('goes on with what an earlier process left, and with what is committed meanwhile', async () => {
    const mailer = new RecordingMailer();
    await record('left');
    await sending(mailer, async () => {
      await eventually(() => expect(mailer.taken.map(eventOf)).toEqual(['left']));
      await record('new');
      events.emit('batchCommitted', {} as Progress);
      await eventually(() => expect(mailer.taken.map(eventOf)).toEqual(['left', 'new']));
    });
  });

  it('finds what another process recorded without being told', async () => {
    const mailer = new RecordingMailer();
    await sending(mailer, async () => {
      await record('untold');
      await eventually(() => expect(mailer.taken.map(eventOf)).toEqual(['untold']));
    });
  });

  it('goes on when the server is back', async () => {
    let refusals = 2;
    const mailer = new RecordingMailer(() =>
      refusals-- > 0 ? { outcome: 'unavailable', reason: 'smtp-econnection' } : { outcome: 'sent' },
    );
    await record('patient');
    await sending(mailer, () => eventually(() => expect(mailer.taken.map(eventOf)).toEqual(['patient'])));
    const [row] = await dataSource.query(
      `SELECT status, attempts FROM notification WHERE event_id = 'patient'`,
    );
    expect(row).toEqual({ status: 'sent', attempts: 1 });
  });
});
