import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createSasTokenProvider } from '@azure/core-amqp';
import { earliestEventPosition } from '@azure/event-hubs';
import { FilePartitionLog } from '@app/partition-log';
import { eventually } from '@app/testing';
import { BrokerHarness, Reading, type Running } from '../test/harness.js';

const HOUR_MS = 3_600_000;

describe('retention of the engine', () => {
  let harness: BrokerHarness;
  beforeEach(async () => {
    harness = await BrokerHarness.create();
  });
  afterEach(() => harness.close());

  const properties = (broker: Running) => harness.consumer(broker).getPartitionProperties('0');
  const atTheDoor = async ({ httpPort }: Running) => {
    const key = { sharedAccessKeyName: 'RootManageSharedAccessKey', sharedAccessKey: 'SAS_KEY_VALUE' };
    const { token } = await (createSasTokenProvider(key).getToken('sb://localhost/') as Promise<{
      token: string;
    }>);
    const url = `http://127.0.0.1:${httpPort}/v1/event-hubs/orders/partitions/0`;
    const response = await fetch(url, { headers: { authorization: token } });
    return (await response.json()) as { beginSequenceNumber: number; nextSequenceNumber: number };
  };

  it('by size: old events go, and who wants one of them is given the first that is there', async () => {
    const limit = ['--retention-mib', '1'];
    const first = await harness.start(limit);
    const producer = harness.producer(first);
    const body = Buffer.alloc(100_000, 'x');
    for (let i = 0; i < 30; i++)
      await producer.sendBatch([{ body, properties: { i } }], { partitionId: '0' });
    await eventually(async () => (await properties(first)).beginningSequenceNumber > 15, {
      timeoutMs: 15_000,
    });
    const { beginningSequenceNumber: begin, isEmpty } = await properties(first);
    expect(begin).toBeLessThanOrEqual(20); // the newest MiB stays
    expect(isEmpty).toBe(false);
    expect(await atTheDoor(first)).toMatchObject({ beginSequenceNumber: begin, nextSequenceNumber: 30 });
    expect(await first.end('SIGTERM')).toBe(0);
    await harness.closeClients();

    const second = await harness.start(limit);
    const numbers = Array.from({ length: 30 - begin }, (_, i) => begin + i);
    for (const start of [earliestEventPosition, { sequenceNumber: 3 }, { offset: '200000' }]) {
      const reading = new Reading(harness.consumer(second), '0', start);
      await reading.bodies(30 - begin);
      expect(reading.events.map(({ properties: own }) => own?.['i'] as number)).toEqual(numbers);
      expect(reading.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(numbers);
    }
  });

  it('by time: a partition that has gone quiet is empty in the end, and its numbers go on', async () => {
    await (await harness.start()).end('SIGTERM');
    const folder = path.join(harness.dataDir, 'eventhubs/orders/0');
    await rm(folder, { recursive: true });
    const old = await FilePartitionLog.open({ folder, now: () => Date.now() - 2 * HOUR_MS });
    const event = Buffer.from([0, 0x53, 0x75, 0xa0, 1, 0x78]);
    for (let i = 0; i < 5; i++)
      await old.append([{ maxBytes: event.length, write: (target, at) => at + event.copy(target, at) }]);
    await old.close();

    const args = ['--retention-hours', '1'];
    const broker = await harness.start(args);
    await eventually(async () => (await properties(broker)).isEmpty, { timeoutMs: 15_000 });
    const emptied = { isEmpty: true, beginningSequenceNumber: 5, lastEnqueuedSequenceNumber: 4 };
    expect(await properties(broker)).toMatchObject(emptied);
    await broker.end('SIGKILL');
    await harness.closeClients();

    const again = await harness.start(args);
    expect(await properties(again)).toMatchObject(emptied);
    await harness.producer(again).sendBatch([{ body: 'next' }], { partitionId: '0' });
    const reading = new Reading(harness.consumer(again), '0', earliestEventPosition);
    expect(await reading.bodies(1)).toEqual(['next']);
    expect(reading.events[0]?.sequenceNumber).toBe(5);
  });
});
