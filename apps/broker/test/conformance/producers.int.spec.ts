import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EventHubBufferedProducerClient } from '@azure/event-hubs';
import { partitionForKey } from '@app/contracts/partition-for-key';
import { BrokerHarness, type Running } from '../harness.js';

/** The client's own hash, from its files: it is not exported. */
const { mapPartitionKeyToId } = createRequire(import.meta.url)(
  path.resolve(
    import.meta.dirname,
    '../../../../node_modules/@azure/event-hubs/dist/commonjs/impl/partitionKeyToIdMapper.js',
  ),
) as { mapPartitionKeyToId: (key: string, count: number) => number };

describe('§2 partition key → partition', () => {
  it.each([
    ['alphabet', 11, 4],
    ['alphabet', 3, 0],
  ])('%s of %d → %d', (key, count, partition) => {
    expect(mapPartitionKeyToId(key, count)).toBe(partition);
    expect(partitionForKey(key, count)).toBe(partition);
  });

  it('is the client’s own hash for 1,000 keys of all lengths and every partition count', () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => `${'ключ🔑k'.repeat(i % 7)}${i.toString(36)}`);
    for (const key of keys)
      for (let count = 1; count <= 32; count++)
        expect([key, count, partitionForKey(key, count)]).toEqual([
          key,
          count,
          mapPartitionKeyToId(key, count),
        ]);
  });
});

describe('the buffered producer', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    const file = path.join(harness.folder, 'policies.json');
    const policy = { Name: 'sender', Rights: ['Send'], PrimaryKey: 'send-1' };
    await writeFile(file, JSON.stringify({ SharedAccessPolicies: [policy] }));
    broker = await harness.start(['--policies', file]);
  });
  afterEach(() => harness.closeClients());
  afterAll(() => harness.close());

  const counts = async () => {
    const producer = harness.producer(broker);
    const all = await Promise.all(['0', '1', '2', '3'].map((id) => producer.getPartitionProperties(id)));
    return all.map(({ lastEnqueuedSequenceNumber }) => lastEnqueuedSequenceNumber + 1);
  };

  it.each([
    ['the root key', 'RootManageSharedAccessKey', 'SAS_KEY_VALUE'],
    ['a key that may only send', 'sender', 'send-1'],
  ])('sends with %s: each event once, keyed ones to their partition', async (_name, name, key) => {
    const before = await counts();
    const connectionString = broker.connectionString
      .replace('RootManageSharedAccessKey', name)
      .replace('SAS_KEY_VALUE', key);
    const failed: unknown[] = [];
    let sent = 0;
    const client = new EventHubBufferedProducerClient(connectionString, 'orders', {
      maxWaitTimeInMs: 100,
      onSendEventsErrorHandler: async ({ error }) => void failed.push(error),
      onSendEventsSuccessHandler: async ({ events }) => void (sent += events.length),
    });
    const wanted = [0, 0, 0, 0];
    for (let i = 0; i < 200; i++) {
      const partitionKey = `customer-${i}`;
      wanted[partitionForKey(partitionKey, 4)]! += 1;
      await client.enqueueEvent({ body: i }, { partitionKey });
    }
    await client.flush();
    await client.close();
    expect(failed).toEqual([]);
    expect(sent).toBe(200);
    expect((await counts()).map((count, i) => count - (before[i] as number))).toEqual(wanted);
  });
});
