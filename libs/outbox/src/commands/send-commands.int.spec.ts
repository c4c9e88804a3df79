import { openDatabase } from '@app/database';
import { CommandTooLargeError, type OutgoingCommand } from '@app/service-bus';
import { type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { CommandOutbox1700000000800 } from './command-outbox.migration.js';
import { appendCommands, withdrawCommands } from './command-writer.js';
import { sendCommands } from './send-commands.js';
import { commandBacklog } from './sql/commands.js';

describe('the outbox of commands', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let sent: OutgoingCommand[];

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations: [CommandOutbox1700000000800] });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    sent = [];
    await dataSource.query('TRUNCATE command_outbox');
  });

  /** A queue that takes two commands a message. */
  const queue = {
    send: async (commands: readonly OutgoingCommand[]) =>
      sent.push(...commands.slice(0, 2)) && Math.min(2, commands.length),
  };
  const command = (messageId: string, subject = 'c1') => ({
    messageId,
    name: 'SendNotification',
    subject,
    data: { n: messageId },
  });
  const ask = (messageId: string, subject?: string) =>
    appendCommands(dataSource, [command(messageId, subject)]);
  const sendAll = (sender = queue) => sendCommands(dataSource, sender, 10);
  const sentIds = () => sent.map(({ messageId }) => messageId);

  it('sends what is committed, in order, and once; asked for twice before, it is one command', async () => {
    await appendCommands(
      dataSource,
      ['m1', 'm2', 'm1'].map((id) => command(id)),
    );
    for (const id of ['m2', 'm3']) await ask(id);
    expect(await sendAll()).toEqual({ claimed: 3, sent: 3 });
    expect(await sendAll()).toEqual({ claimed: 0, sent: 0 });
    expect(sentIds()).toEqual(['m1', 'm2', 'm3']);
    expect(sent[0]).toMatchObject({ name: 'SendNotification', body: '{"n":"m1"}', correlationId: 'c1' });
  });

  it('sends nothing of a transaction that was rolled back', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await appendCommands(manager, [command('m1')]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await sendAll()).toEqual({ claimed: 0, sent: 0 });
  });

  it('keeps what the queue has not acknowledged, and sends only that again', async () => {
    for (const id of ['m1', 'm2', 'm3']) await ask(id);
    let calls = 0;
    const breaking = {
      send: async (commands: readonly OutgoingCommand[]) => {
        if (calls++ > 0) throw new Error('the engine is gone');
        return queue.send(commands);
      },
    };
    expect(await sendAll(breaking)).toMatchObject({
      claimed: 3,
      sent: 2,
      trouble: new Error('the engine is gone'),
    });
    expect(await sendAll()).toEqual({ claimed: 1, sent: 1 });
    expect(sentIds()).toEqual(['m1', 'm2', 'm3']);
  });

  it('sets aside what no message can carry, and goes on', async () => {
    for (const id of ['huge', 'm2']) await ask(id);
    const small = {
      send: async (commands: readonly OutgoingCommand[]) => {
        if (commands[0]?.messageId === 'huge') throw new CommandTooLargeError('huge', 10);
        return queue.send(commands);
      },
    };
    await sendAll(small);
    await sendAll(small);
    expect(sentIds()).toEqual(['m2']);
    expect(await commandBacklog(dataSource)).toEqual({ pending: 0, rejected: 1 });
  });

  it('shares the work between relays, and neither waits for the other', async () => {
    for (let n = 0; n < 10; n++) await ask(`m${n}`);
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const slow = {
      send: async (commands: readonly OutgoingCommand[]) => {
        await held;
        return queue.send(commands);
      },
    };
    const first = sendCommands(dataSource, slow, 5);
    await expect(sendCommands(dataSource, queue, 5)).resolves.toBeDefined();
    go();
    await first;
    await sendAll();
    expect(sentIds().toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `m${n}`));
  });

  it('forgets what is to be done about a customer who is erased', async () => {
    await ask('m1', 'erased');
    await ask('m2', 'other');
    await withdrawCommands(dataSource, 'erased');
    await sendAll();
    expect(sentIds()).toEqual(['m2']);
  });
});
