import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { earliestEventPosition } from '@azure/event-hubs';
import { BrokerHarness, Reading, type Running } from '../harness.js';

const sender = { Name: 'sender', Rights: ['Send'], PrimaryKey: 'send-1', SecondaryKey: 'send-2' };
const listener = { Name: 'listener', Rights: ['Listen'], PrimaryKey: 'listen-1' };
const manager = { Name: 'manager', Rights: ['Manage'], PrimaryKey: 'manage-1' };
const unauthorized = { code: 'UnauthorizedError' };

/** Shared access policies, as the unmodified client meets them. */
describe('a shared access policy', () => {
  let harness: BrokerHarness;
  let broker: Running;
  const start = async (...policies: object[]) => {
    const file = path.join(harness.folder, 'policies.json');
    await writeFile(file, JSON.stringify({ SharedAccessPolicies: policies }));
    return harness.start(['--policies', file]);
  };
  const as = (name: string, key: string): Running => ({
    ...broker,
    connectionString: broker.connectionString
      .replace('RootManageSharedAccessKey', name)
      .replace('SAS_KEY_VALUE', key),
  });
  const send = (name: string, key: string) =>
    harness.producer(as(name, key)).sendBatch([{ body: 'sent' }], { partitionId: '0' });
  const listen = (name: string, key: string) =>
    new Reading(harness.consumer(as(name, key)), '0', earliestEventPosition).bodies(1);

  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await start(sender, listener, manager);
  });
  afterEach(() => harness.closeClients());
  afterAll(() => harness.close());

  it('to send may send, with either key, and not listen', async () => {
    await send('sender', 'send-1');
    await send('sender', 'send-2');
    await expect(listen('sender', 'send-1')).rejects.toMatchObject(unauthorized);
  });

  it('to send may look up partitions, as the buffered producer does', async () => {
    expect(await harness.producer(as('sender', 'send-1')).getPartitionIds()).toEqual(['0', '1', '2', '3']);
  });

  it('to listen may listen and look up, and not send', async () => {
    await send('RootManageSharedAccessKey', 'SAS_KEY_VALUE');
    expect(await listen('listener', 'listen-1')).toContain('sent');
    await harness.consumer(as('listener', 'listen-1')).getEventHubProperties();
    await expect(send('listener', 'listen-1')).rejects.toMatchObject(unauthorized);
  });

  it('to manage may do both', async () => {
    await send('manager', 'manage-1');
    expect(await listen('manager', 'manage-1')).toContain('sent');
  });

  it.each([
    ['an unknown name', 'nobody', 'send-1'],
    ["another policy's key", 'sender', 'listen-1'],
    ['a key of other case', 'sender', 'SEND-1'],
  ])('is not had with %s', async (_name, name, key) => {
    await expect(send(name, key)).rejects.toMatchObject(unauthorized);
  });

  it('is rolled over: the second key stays good when the first is replaced, and the old one is refused', async () => {
    await harness.closeClients();
    await broker.end('SIGTERM');
    broker = await start({ ...sender, PrimaryKey: 'send-3' });
    await send('sender', 'send-2');
    await send('sender', 'send-3');
    await expect(send('sender', 'send-1')).rejects.toMatchObject(unauthorized);
    await expect(send('manager', 'manage-1')).rejects.toMatchObject(unauthorized);
  });

  it('never gets a key into the log', () => {
    expect(broker.output.join('')).not.toMatch(/send-\d|listen-1|manage-1|sig=/);
  });
});
