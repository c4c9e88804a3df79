import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { earliestEventPosition } from '@azure/event-hubs';
import { BrokerHarness, Reading, type Running } from '../harness.js';
import { AmqpClient, type EventSender } from './amqp-client.js';
import { Ledger } from './ledger.js';

const PARTITION = '0';
const ADDRESS = `orders/Partitions/${PARTITION}`;

/** T6: a real file system of 16 MiB that is full. */
describe('a full disk', () => {
  let harness: BrokerHarness;
  const ledger = new Ledger();
  let sent = 0;
  const args = ['--limit', 'segmentBytes=1048576'];

  beforeAll(async () => {
    harness = await BrokerHarness.create();
    await mkdir(harness.dataDir);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', harness.dataDir], { stdio: 'pipe' });
    } catch (error) {
      throw new Error(`this spec mounts a tmpfs of 16 MiB and needs root for it: ${String(error)}`, {
        cause: error,
      });
    }
  });
  afterAll(async () => {
    try {
      await harness.closeClients();
      await harness.endAll();
    } finally {
      execFileSync('umount', ['--lazy', harness.dataDir]);
      await harness.close();
    }
  });

  const send = async (sender: EventSender) => {
    const token = `${sent++} ${'.'.repeat(200_000)}`;
    ledger.sent(token);
    const outcome = await sender.send(token);
    if (outcome === 'accepted') ledger.accepted(token);
    return outcome;
  };
  const fill = async (sender: EventSender) => {
    for (let i = 0; i < 200; i++) {
      const outcome = await send(sender);
      if (outcome !== 'accepted') return outcome;
    }
    throw new Error('the disk is not full after 40 MB');
  };
  const filler = () => path.join(harness.dataDir, 'somebody-else');
  const wrongIn = async (client: AmqpClient) => ledger.check(await client.readAll('orders', PARTITION));
  const busy = { refused: 'com.microsoft:server-busy' };

  it('refuses sends as busy, goes on serving reads, and heals by itself', async () => {
    await writeFile(filler(), Buffer.alloc(6_000_000));
    const broker: Running = await harness.start(args);
    const client = await AmqpClient.connect(broker.amqpPort);
    const sender = await client.sender(ADDRESS);
    expect(await fill(sender)).toEqual(busy);
    expect(ledger.acknowledgedCount).toBeGreaterThan(20);
    expect(await send(sender)).toEqual(busy);
    expect(await wrongIn(client)).toEqual([]);
    // The unmodified client takes it for a reason to try again.
    const refusal = harness
      .producer(broker)
      .sendBatch([{ body: 'x'.repeat(200_000) }], { partitionId: PARTITION });
    await expect(refusal).rejects.toMatchObject({ code: 'ServerBusyError', retryable: true });
    expect((await fetch(`http://127.0.0.1:${broker.httpPort}/health`)).status).toBe(200);

    await rm(filler());
    expect(await send(sender)).toBe('accepted');
    expect(await wrongIn(client)).toEqual([]);
    expect(await fill(sender)).toEqual(busy);
    expect(await wrongIn(client)).toEqual([]);
    await client.close();
    expect(await broker.end('SIGTERM')).toBe(0);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'does not keep the engine from starting after %s',
    async (signal) => {
      const taken = writeFile(filler(), Buffer.alloc(16 * 1024 * 1024)); // up to the last byte
      await expect(taken).rejects.toMatchObject({ code: 'ENOSPC' });
      const broker = await harness.start(args);
      const client = await AmqpClient.connect(broker.amqpPort);
      expect(await wrongIn(client)).toEqual([]);
      expect(await send(await client.sender(ADDRESS))).toEqual(busy);
      const reading = new Reading(harness.consumer(broker), PARTITION, earliestEventPosition);
      await reading.until(({ events }) => events.length === ledger.acknowledgedCount);
      await reading.close();
      await broker.end(signal);
      await client.close();
      await harness.closeClients();
    },
  );

  it('takes sends again once there is room', async () => {
    // It is the log itself that fills the disk by now: a larger one.
    execFileSync('mount', ['-o', 'remount,size=24m', harness.dataDir]);
    const broker = await harness.start(args);
    const client = await AmqpClient.connect(broker.amqpPort);
    expect(await send(await client.sender(ADDRESS))).toBe('accepted');
    expect(await wrongIn(client)).toEqual([]);
    await client.close();
  });
});
