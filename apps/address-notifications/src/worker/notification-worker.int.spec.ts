import { KeyServiceError, type KeySource, type PersonalDataKey } from '@app/consumer';
import { newPersonalDataKey, type OpenedEvent, seal, type SendNotification } from '@app/contracts';
import { openDatabase } from '@app/database';
import { anAddress, eventually, type TestDatabase, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { addressChanged } from '../../test/address-changed.js';
import { eventOf, RecordingMailer } from '../../test/mailers.js';
import { migrations } from '../address-notifications.module.js';
import type { Delivery } from '../domain/delivery.js';
import { listNotifications } from '../notifications/list-notifications.js';
import { withdrawNotifications } from '../recording/withdraw-notifications.js';
import { NotificationWorker } from './notification-worker.js';

describe('a SendNotification', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const keys = new Map<string, PersonalDataKey>();
  const keySource = {
    fetch: async (ids: readonly string[]) => {
      if (!ids.every((id) => keys.has(id))) throw new KeyServiceError('no keys');
      return new Map(ids.map((id) => [id, keys.get(id) as PersonalDataKey]));
    },
  } as KeySource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(() => dataSource.query('TRUNCATE notification, command_outbox'));

  /** A command as the consumer makes it, sealed under a key of the customer's own. */
  function command(id: string, more: Parameters<typeof addressChanged>[1] = {}): SendNotification {
    const customerId = more.subject ?? randomUUID();
    const event: OpenedEvent = addressChanged(id, { after: anAddress(), ...more, subject: customerId });
    const key = newPersonalDataKey();
    keys.set(customerId, { erased: false, key });
    const data = { ...event.data, personal: seal(event.data.personal, customerId, key) };
    return { notificationId: id, about: 'AddressChanged', customerId, data };
  }

  const workerWith = (mailer: RecordingMailer, source = dataSource) =>
    new NotificationWorker(source, mailer, keySource);
  const list = () => listNotifications(dataSource, { customerId: undefined, before: undefined, limit: 200 });

  const record = ({ notificationId, customerId }: SendNotification) =>
    dataSource.query(
      `INSERT INTO notification (event_id, customer_id, type, status) VALUES ($1, $2, 'AddressChanged', 'queued')`,
      [notificationId, customerId],
    );
  const somebodyWaits = async (): Promise<boolean> => {
    const waiting = await dataSource.query<unknown[]>(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.length > 0;
  };

  it('is a mail and a record that it was sent; delivered again, it is neither', async () => {
    const mailer = new RecordingMailer();
    const worker = workerWith(mailer);
    const one = command('e1');
    expect(await worker.carryOut(one, 0)).toEqual({ outcome: 'done' });
    expect(await worker.carryOut(one, 1)).toEqual({ outcome: 'done' });
    expect(mailer.taken.map(eventOf)).toEqual(['e1']);
    expect(await list()).toMatchObject([{ eventId: 'e1', status: 'sent', attempts: 1 }]);
  });

  it('in two hands at once, because its lock expired, is one mail', async () => {
    const mailer = new RecordingMailer();
    const one = command('e1');
    await Promise.all([0, 1].map((deliveries) => workerWith(mailer).carryOut(one, deliveries)));
    expect(mailer.taken.map(eventOf)).toEqual(['e1']);
  });

  it('is sent again with the same Message-ID and key after a crash between the 250 and the commit', async () => {
    const mailer = new RecordingMailer();
    const one = command('e1');
    const crash = dataSource.createQueryRunner();
    const dying = {
      transaction: (work: (manager: unknown) => Promise<unknown>) => work(crash.manager),
    } as DataSource;
    await crash.startTransaction();
    await workerWith(mailer, dying).carryOut(one, 0);
    await crash.rollbackTransaction();
    await crash.release();

    await workerWith(mailer).carryOut(one, 1);
    expect(mailer.taken).toHaveLength(2);
    expect(mailer.taken[1]).toEqual(mailer.taken[0]);
    expect(await list()).toMatchObject([{ status: 'sent', attempts: 1 }]);
  });

  it.each([
    [{ preferences: { preferredChannel: 'post' } }, 'other-channel'],
    [{ email: '' }, 'no-email'],
  ])('is none to whom %j is known of', async (more, reason) => {
    const mailer = new RecordingMailer();
    expect(await workerWith(mailer).carryOut(command('e1', more), 0)).toEqual({ outcome: 'done' });
    expect(mailer.taken).toEqual([]);
    expect(await list()).toMatchObject([{ status: 'skipped', reason, attempts: 0 }]);
  });

  it('needs no consent: it is about the customer’s own address', async () => {
    const mailer = new RecordingMailer();
    const consents = { marketing: { granted: false, at: '2026-01-01T00:00:00Z' } };
    await workerWith(mailer).carryOut(command('e1', { consents }), 0);
    expect(mailer.taken.map(eventOf)).toEqual(['e1']);
  });

  it('to somebody who was erased meanwhile is none: by the record, or by the key where there is no record', async () => {
    const mailer = new RecordingMailer();
    const [recorded, unknown] = [command('e1'), command('e2')];
    await record(recorded);
    await withdrawNotifications(dataSource, recorded.customerId);
    keys.set(unknown.customerId, { erased: true });
    for (const one of [recorded, unknown]) await workerWith(mailer).carryOut(one, 0);
    expect(mailer.taken).toEqual([]);
    expect(await list()).toMatchObject([1, 2].map(() => ({ status: 'skipped', reason: 'erased' })));
  });

  it.each([
    ['recorded', true],
    ['of somebody else', false],
  ])('%s is waited for by an erasure, while its mail is being sent', async (_, isRecorded) => {
    let withdrawn: Promise<void> | undefined;
    const one = command('e1');
    if (isRecorded) await record(one);
    const mailer = new RecordingMailer();
    const send = mailer.send.bind(mailer);
    mailer.send = async (mail) => {
      withdrawn = withdrawNotifications(dataSource, one.customerId);
      // Not waited for, it would be over before the record is there.
      await Promise.race([withdrawn, eventually(somebodyWaits)]);
      return send(mail);
    };
    await workerWith(mailer).carryOut(one, 0);
    await withdrawn;
    expect(
      await dataSource.query('SELECT status, to_recall FROM notification WHERE event_id = $1', ['e1']),
    ).toEqual([{ status: 'sent', to_recall: true }]);
  });

  it('refused for now comes again, and is given up at its tenth delivery', async () => {
    const mailer = new RecordingMailer(() => ({ outcome: 'retry', reason: 'smtp-451' }));
    const worker = workerWith(mailer);
    const one = command('e1');
    expect(await worker.carryOut(one, 0)).toEqual({ outcome: 'retry', reason: 'smtp-451' });
    expect(await list()).toMatchObject([{ status: 'queued', reason: 'smtp-451', attempts: 1 }]);
    expect(await worker.carryOut(one, 9)).toEqual({ outcome: 'failed', reason: 'smtp-451' });
    expect(await list()).toMatchObject([{ status: 'failed', reason: 'smtp-451', attempts: 2 }]);
  });

  it('refused for good fails at once, and is sent when it is redriven', async () => {
    let answer: Delivery = { outcome: 'refused', reason: 'smtp-550' };
    const worker = workerWith(new RecordingMailer(() => answer));
    const one = command('e1');
    expect(await worker.carryOut(one, 0)).toEqual({ outcome: 'failed', reason: 'smtp-550' });
    expect(await list()).toMatchObject([{ status: 'failed', reason: 'smtp-550' }]);
    answer = { outcome: 'sent' };
    expect(await worker.carryOut(one, 0)).toEqual({ outcome: 'done' });
    expect(await list()).toMatchObject([{ status: 'sent', attempts: 2 }]);
  });

  it('blames no command for a server or keys that are away', async () => {
    const away = new RecordingMailer(() => ({ outcome: 'unavailable', reason: 'smtp-econnection' }));
    const one = command('e1');
    expect(await workerWith(away).carryOut(one, 9)).toEqual({
      outcome: 'unavailable',
      reason: 'smtp-econnection',
    });
    keys.delete(one.customerId);
    expect(await workerWith(new RecordingMailer()).carryOut(one, 9)).toMatchObject({
      outcome: 'unavailable',
    });
    expect(await list()).toMatchObject([{ status: 'queued', attempts: 0 }]);
  });

  it('blames the mail that breaks the connection when others get through', async () => {
    const other = command('e2');
    let worker: NotificationWorker | undefined;
    const mailer = new RecordingMailer((mail) =>
      eventOf(mail) === 'e1' ? { outcome: 'unavailable', reason: 'smtp-econnection' } : { outcome: 'sent' },
    );
    const send = mailer.send.bind(mailer);
    mailer.send = async (mail) => {
      if (eventOf(mail) === 'e1') await worker?.carryOut(other, 0);
      return send(mail);
    };
    worker = workerWith(mailer);
    expect(await worker.carryOut(command('e1'), 0)).toEqual({ outcome: 'retry', reason: 'smtp-econnection' });
  });

  it('that does not open, is about somebody else, or says nothing a notice could be made of, fails', async () => {
    const [one, other] = [command('e1'), command('e2')];
    const altered = { ...one, data: { ...one.data, personal: 'not a JWE' } };
    const ofAnother = { ...one, notificationId: 'e3', data: other.data };
    const empty = { ...one, notificationId: 'e4', data: { hello: 1 } };
    for (const wrong of [altered, ofAnother, empty])
      expect(await workerWith(new RecordingMailer()).carryOut(wrong, 0)).toEqual({
        outcome: 'failed',
        reason: 'unreadable',
      });
    expect(await list()).toMatchObject([1, 2, 3].map(() => ({ status: 'failed', reason: 'unreadable' })));
  });

  it('from before there was a queue takes what it says from its record, and leaves nothing of it there', async () => {
    const content = { recipient: { name: 'Zoë', email: 'zoe@example.com' }, kind: 'home' };
    await dataSource.query(
      `INSERT INTO notification (event_id, customer_id, type, status, content)
       VALUES ('e1', 'c1', 'AddressChanged', 'queued', $1)`,
      [JSON.stringify(content)],
    );
    const mailer = new RecordingMailer();
    const old = { notificationId: 'e1', about: 'AddressChanged', customerId: 'c1' };
    expect(await workerWith(mailer).carryOut(old, 0)).toEqual({ outcome: 'done' });
    expect(mailer.taken.map(({ to }) => to.address)).toEqual(['zoe@example.com']);
    expect(await dataSource.query('SELECT FROM notification WHERE content IS NOT NULL')).toHaveLength(0);
  });
});
