import { openDatabase } from '@app/database';
import { anAddress, type TestDatabase, testDatabase } from '@app/testing';
import { jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { addressChanged } from '../../test/address-changed.js';
import { eventOf, RecordingMailer } from '../../test/mailers.js';
import { CreateNotification1795305600000 } from '../migrations/1795305600000-create-notification.js';
import { RecallMails1795305600010 } from '../migrations/1795305600010-recall-mails.js';
import { listNotifications, type NotificationDto } from '../notifications/list-notifications.js';
import { recordNotification } from '../recording/record-notification.js';
import { withdrawNotifications } from '../recording/withdraw-notifications.js';
import type { Mailer } from './mailer.js';
import { sendBatch } from './send-batch.js';

const { signal: goOn } = new AbortController();

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await openDatabase(database.url, {
    migrations: [CreateNotification1795305600000, RecallMails1795305600010],
  });
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});
beforeEach(() => dataSource.query('TRUNCATE notification'));

const moved = (id: string, subject: string, more = {}) =>
  addressChanged(id, { subject, after: anAddress(), ...more });
const record = (...events: ReturnType<typeof moved>[]) =>
  Promise.all(events.map((event) => recordNotification(dataSource, event, true)));
const list = (): Promise<NotificationDto[]> =>
  listNotifications(dataSource, { customerId: undefined, before: undefined, limit: 200 });
const due = () => dataSource.query('UPDATE notification SET retry_at = now()');

async function sendAll(mailer: Mailer): Promise<void> {
  while ((await sendBatch(dataSource, mailer, 50, goOn)).claimed > 0);
}

describe('recording', () => {
  it('makes one notification an event, however often it comes', async () => {
    await record(moved('e1', 'c1'), moved('e1', 'c1'));
    expect(await list()).toMatchObject([{ eventId: 'e1', customerId: 'c1', status: 'queued', attempts: 0 }]);
  });

  it('leaves a replay untold, unless it is asked to tell; who was told is not told again', async () => {
    const [told, untold] = [moved('e1', 'c1'), moved('e2', 'c2')];
    await record(told);
    const mailer = new RecordingMailer();
    await sendAll(mailer);
    await recordNotification(dataSource, untold, false);
    await recordNotification(dataSource, told, false);
    await sendAll(mailer);
    expect(await list()).toMatchObject([
      { eventId: 'e2', status: 'skipped', reason: 'replay' },
      { eventId: 'e1', status: 'sent' },
    ]);
    await record(told, untold);
    await sendAll(mailer);
    expect(mailer.taken.map(eventOf)).toEqual(['e1', 'e2']);
  });

  it('says why somebody is not told', async () => {
    await record(moved('e1', 'c1', { email: '' }));
    expect(await list()).toMatchObject([{ status: 'skipped', reason: 'no-email' }]);
  });

  it('is withdrawn when the customer is erased, with what it would have said', async () => {
    await record(moved('e1', 'c1'), moved('e2', 'c2'));
    await withdrawNotifications(dataSource, 'c1');
    const rows = await dataSource.query(
      'SELECT status, content IS NULL AS empty FROM notification ORDER BY customer_id',
    );
    expect(rows).toEqual([
      { status: 'skipped', empty: true },
      { status: 'queued', empty: false },
    ]);
  });
});

describe('sending', () => {
  it('mails what is queued, and keeps no copy', async () => {
    const mailer = new RecordingMailer();
    await record(moved('e1', 'c1'), moved('e2', 'c2'));
    await sendAll(mailer);
    expect(mailer.taken.map(eventOf).sort((a, b) => a.localeCompare(b))).toEqual(['e1', 'e2']);
    expect(await list()).toMatchObject(
      [1, 2].map(() => ({ status: 'sent', attempts: 1, sentAt: expect.any(String) })),
    );
    expect(await dataSource.query('SELECT FROM notification WHERE content IS NOT NULL')).toHaveLength(0);
  });

  it('sends again with the same Message-ID after a crash between the 250 and the commit', async () => {
    await record(moved('e1', 'c1'));
    const mailer = new RecordingMailer();
    const crash = dataSource.createQueryRunner();
    const dying = {
      transaction: (work: (manager: unknown) => Promise<unknown>) => work(crash.manager),
    } as DataSource;
    await crash.startTransaction();
    await sendBatch(dying, mailer, 50, goOn);
    await crash.rollbackTransaction();
    await crash.release();

    await sendAll(mailer);
    expect(mailer.taken.map(eventOf)).toEqual(['e1', 'e1']);
    expect(new Set(mailer.taken.map(({ messageId }) => messageId)).size).toBe(1);
    expect(await list()).toMatchObject([{ status: 'sent', attempts: 1 }]);
  });

  it('shares the work among senders: each mail once, each customer’s in order', async () => {
    for (let n = 0; n < 60; n++) await record(moved(`e${n}`, `c${n % 7}`));
    const mailer = new RecordingMailer();
    await Promise.all(
      [1, 2, 3].map(async () => {
        while ((await list()).some(({ status }) => status === 'queued'))
          await sendBatch(dataSource, mailer, 5, goOn);
      }),
    );
    const sent = mailer.taken.map((mail) => Number(eventOf(mail).slice(1)));
    expect(sent).toHaveLength(60);
    for (let customer = 0; customer < 7; customer++) {
      const own = sent.filter((n) => n % 7 === customer);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
  });

  it('tries a mail that was refused for now again, and lets the customer’s next one wait behind it', async () => {
    let refuse = true;
    const mailer = new RecordingMailer((mail) =>
      refuse && eventOf(mail) === 'e1' ? { outcome: 'retry', reason: 'smtp-451' } : { outcome: 'sent' },
    );
    await record(moved('e1', 'c1'));
    await record(moved('e2', 'c1'), moved('e3', 'c2'));
    await sendAll(mailer);
    expect(mailer.taken.map(eventOf)).toEqual(['e3']);
    expect((await list()).find(({ eventId }) => eventId === 'e1')).toMatchObject({
      status: 'queued',
      reason: 'smtp-451',
      attempts: 1,
    });

    refuse = false;
    await due();
    await sendAll(mailer);
    expect(mailer.taken.map(eventOf)).toEqual(['e3', 'e1', 'e2']);
  });

  it('does not wait for a time that was set by a clock which went a year ahead', async () => {
    const mailer = new RecordingMailer();
    await record(moved('e1', 'c1'), moved('e2', 'c2'));
    await dataSource.query(
      `UPDATE notification SET retry_at = now() + CASE event_id WHEN 'e1' THEN interval '1 year' ELSE '10 minutes' END`,
    );
    await sendAll(mailer);
    expect(mailer.taken.map(eventOf)).toEqual(['e1']);
  });

  it('gives up one that is refused for good, and goes on with the customer’s next', async () => {
    const mailer = new RecordingMailer((mail) =>
      eventOf(mail) === 'e1' ? { outcome: 'refused', reason: 'smtp-550' } : { outcome: 'sent' },
    );
    await record(moved('e1', 'c1'));
    await record(moved('e2', 'c1'));
    await sendAll(mailer);
    expect(await list()).toMatchObject([{ status: 'sent' }, { status: 'failed', reason: 'smtp-550' }]);
  });

  it.each(['its time is up', 'the process ends'])(
    'begins no other mail when %s, and keeps what it has got done',
    async (reason) => {
      await record(...Array.from({ length: 20 }, (_, n) => moved(`e${n}`, `c${n}`)));
      const timeUp = new AbortController();
      const closing = new AbortController();
      const mailer = new RecordingMailer(() => {
        (reason === 'its time is up' ? timeUp : closing).abort();
        return { outcome: 'sent' };
      });
      const clock = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(timeUp.signal);
      try {
        expect(await sendBatch(dataSource, mailer, 50, closing.signal)).toEqual({ claimed: 20, sent: 1 });
      } finally {
        clock.mockRestore();
      }
      const left = (await list()).filter(({ status }) => status === 'queued');
      expect(left).toMatchObject(Array.from({ length: 19 }, () => ({ attempts: 0 })));
    },
  );

  it('blames no mail for a server that is away', async () => {
    await record(...Array.from({ length: 20 }, (_, n) => moved(`e${n}`, `c${n}`)));
    let asked = 0;
    const away = new RecordingMailer(() => {
      asked++;
      return { outcome: 'unavailable', reason: 'smtp-econnection' };
    });
    expect(await sendBatch(dataSource, away, 50, goOn)).toEqual({
      claimed: 20,
      sent: 0,
      unavailable: 'smtp-econnection',
    });
    expect(asked).toBeLessThanOrEqual(away.inFlight);
    expect(await list()).toMatchObject(Array.from({ length: 20 }, () => ({ status: 'queued', attempts: 0 })));
  });

  it('blames the mail that breaks the connection when others get through', async () => {
    await record(moved('e1', 'c1'), moved('e2', 'c2'));
    const mailer = new RecordingMailer((mail) =>
      eventOf(mail) === 'e1' ? { outcome: 'unavailable', reason: 'smtp-econnection' } : { outcome: 'sent' },
    );
    expect(await sendBatch(dataSource, mailer, 50, goOn)).toEqual({ claimed: 2, sent: 1 });
    expect((await list()).find(({ eventId }) => eventId === 'e1')).toMatchObject({
      status: 'queued',
      attempts: 1,
    });
  });
});

describe('the list', () => {
  it('is newest first, of one customer or of all', async () => {
    for (const [event, customer] of [
      ['e1', 'c1'],
      ['e2', 'c2'],
      ['e3', 'c1'],
    ] as const)
      await record(moved(event, customer));
    expect((await list()).map(({ eventId }) => eventId)).toEqual(['e3', 'e2', 'e1']);
    const own = await listNotifications(dataSource, { customerId: 'c1', before: undefined, limit: 1 });
    expect(own.map(({ eventId }) => eventId)).toEqual(['e3']);
    const rest = await listNotifications(dataSource, {
      customerId: 'c1',
      before: BigInt(own[0]?.id ?? 0),
      limit: 5,
    });
    expect(rest.map(({ eventId }) => eventId)).toEqual(['e1']);
  });
});
