import { seal } from '@app/contracts';
import { openDatabase } from '@app/database';
import { anAddress, type TestDatabase, testDatabase } from '@app/testing';
import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { addressChanged } from '../../test/address-changed.js';
import { migrations } from '../address-notifications.module.js';
import { listNotifications } from '../notifications/list-notifications.js';
import { requestNotifications } from './request-notifications.js';
import { withdrawNotifications } from './withdraw-notifications.js';

describe('an AddressChanged', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(() => dataSource.query('TRUNCATE notification, command_outbox'));

  const moved = (id: string, subject = 'c1') => addressChanged(id, { subject, after: anAddress() });
  const sealed = { changed: ['addresses.home'], personal: seal({ current: {} }, 'c1', randomBytes(32)) };
  const request = (event = moved('e1'), wanted = true) =>
    requestNotifications(dataSource, [{ event, sealed, wanted }]);
  const list = () => listNotifications(dataSource, { customerId: undefined, before: undefined, limit: 200 });
  const commands = () =>
    dataSource.query<{ message_id: string; name: string; subject: string; body: string }[]>(
      'SELECT message_id, name, subject, body FROM command_outbox ORDER BY id',
    );

  it('is one record and one command, however often it comes, with the data as sealed as it came', async () => {
    await request();
    await request();
    expect(await list()).toMatchObject([{ eventId: 'e1', customerId: 'c1', status: 'queued', attempts: 0 }]);
    const [command, ...more] = await commands();
    expect(more).toEqual([]);
    expect(command).toMatchObject({ message_id: 'e1', name: 'SendNotification', subject: 'c1' });
    expect(JSON.parse(command?.body ?? '')).toEqual({
      notificationId: 'e1',
      about: 'AddressChanged',
      customerId: 'c1',
      data: sealed,
    });
  });

  it('among others is told with them, in their order', async () => {
    const erased = { ...moved('e2'), data: { changed: [], personal: null, erased: true as const } };
    const batch = [moved('e1'), erased, moved('e3'), moved('e1')];
    await requestNotifications(
      dataSource,
      batch.map((event) => ({ event, sealed, wanted: true })),
    );
    expect((await list()).map(({ eventId, status }) => [eventId, status])).toEqual([
      ['e3', 'queued'],
      ['e2', 'skipped'],
      ['e1', 'queued'],
    ]);
    expect((await commands()).map(({ message_id: id }) => id)).toEqual(['e1', 'e3']);
  });

  it('is no second command once the first has left the outbox', async () => {
    await request();
    await dataSource.query('DELETE FROM command_outbox');
    await request();
    expect(await commands()).toEqual([]);
  });

  it('is neither without the other, when its transaction is rolled back', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await requestNotifications(manager, [{ event: moved('e1'), sealed, wanted: true }]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect([await list(), await commands()]).toEqual([[], []]);
  });

  it('is left untold in a replay, unless that is asked to tell; who was asked for is not asked for again', async () => {
    const [told, untold] = [moved('told'), moved('untold')];
    await request(told);
    for (const event of [told, untold]) await request(event, false);
    expect(await commands()).toMatchObject([{ message_id: 'told' }]);
    expect(await list()).toMatchObject([
      { eventId: 'untold', status: 'skipped', reason: 'replay' },
      { eventId: 'told', status: 'queued' },
    ]);
    for (const event of [told, untold]) await request(event, true);
    expect(await commands()).toMatchObject([{ message_id: 'told' }, { message_id: 'untold' }]);
  });

  it('of somebody who is erased is no command', async () => {
    await request({ ...moved('e1'), data: { changed: [], personal: null, erased: true } });
    expect([await list(), await commands()]).toMatchObject([[{ status: 'skipped', reason: 'erased' }], []]);
  });

  it('is taken back when its customer is erased, and nobody else’s', async () => {
    await request(moved('e1', 'gone'));
    await request(moved('e2', 'other'));
    await withdrawNotifications(dataSource, 'gone');
    expect(await commands()).toMatchObject([{ message_id: 'e2' }]);
    expect(await list()).toMatchObject([
      { eventId: 'e2', status: 'queued' },
      { eventId: 'e1', status: 'skipped', reason: 'erased' },
    ]);
  });
});
