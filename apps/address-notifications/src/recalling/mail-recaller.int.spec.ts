import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConsumerEvents } from '@app/consumer';
import { openDatabase } from '@app/database';
import { eventually, type TestDatabase, testDatabase } from '@app/testing';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { migrations } from '../address-notifications.module.js';
import { withdrawNotifications } from '../recording/withdraw-notifications.js';
import { MailRecaller } from './mail-recaller.js';

describe('the mails of an erased customer', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let mailbox: Server;
  let asked: string[];
  let status: number;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations });
    mailbox = createServer(({ method, url }, response) => {
      asked.push(`${method} ${url}`);
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => mailbox.once('listening', resolve));
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
    await new Promise((resolve) => mailbox.close(resolve));
  });

  it('are taken out of the mailbox, and nobody else’s; one that was never there is done, too', async () => {
    asked = [];
    status = 404;
    await dataSource.query(
      `INSERT INTO notification (event_id, customer_id, type, status)
       VALUES ('e1', 'c1', 'AddressChanged', 'sent'), ('e2', 'c1', 'AddressChanged', 'sent'),
              ('e3', 'c2', 'AddressChanged', 'sent'), ('e4', 'c1', 'AddressChanged', 'queued')`,
    );
    await withdrawNotifications(dataSource, 'c1');
    const url = new URL(`http://127.0.0.1:${(mailbox.address() as AddressInfo).port}`);
    const recaller = new MailRecaller(dataSource, url, new ConsumerEvents());
    recaller.onApplicationBootstrap();
    await eventually(
      async () => (await dataSource.query('SELECT FROM notification WHERE to_recall')).length === 0,
    );
    await recaller.onModuleDestroy();
    expect(asked).toEqual(['e1', 'e2'].map((id) => `DELETE /messages/${id}%40profile.internal`));
  });

  it('are asked for again while the mailbox is away, without leaving the list', async () => {
    asked = [];
    status = 503;
    await dataSource.query(`UPDATE notification SET to_recall = true WHERE event_id = 'e3'`);
    const url = new URL(`http://127.0.0.1:${(mailbox.address() as AddressInfo).port}`);
    const recaller = new MailRecaller(dataSource, url, new ConsumerEvents());
    recaller.onApplicationBootstrap();
    await eventually(() => asked.length > 0);
    await recaller.onModuleDestroy();
    expect(await dataSource.query('SELECT FROM notification WHERE to_recall')).toHaveLength(1);
  });
});
