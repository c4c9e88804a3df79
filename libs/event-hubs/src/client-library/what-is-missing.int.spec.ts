import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { eventually, type StartedBroker, startBroker } from '@app/testing';
import type { PartitionStore } from '../checkpoint-store/partition-store.js';
import type { PartitionProcessor } from '../server/partition-processor.js';
import { EventHubsReader, EventHubsSender } from '../index.js';
import { EventHubsSubscription } from '../server/event-hubs-subscription.js';

const hub = { Name: 'customer-events', PartitionCount: 1, ConsumerGroups: [{ Name: 'loyalty' }] };
const config = {
  UserConfig: {
    NamespaceConfig: [{ Type: 'EventHub', Name: 'customer-profile', Entities: [hub] }],
    LoggingConfig: { Type: 'Console' },
  },
};

describe('a namespace that lacks something', () => {
  let broker: StartedBroker;
  const lines: string[] = [];
  const keep = (message: unknown) => void lines.push(String(message));
  beforeAll(async () => {
    broker = await startBroker({ config });
    Logger.overrideLogger({ log: () => undefined, warn: keep, error: keep });
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await broker.stop();
  });
  beforeEach(() => lines.splice(0));

  const settingsOf = (lack: 'hub' | 'key' | 'nothing') => ({
    connectionString:
      lack === 'key' ? broker.connectionString.replace('SAS_KEY_VALUE', 'another') : broker.connectionString,
    eventHubName: lack === 'hub' ? 'orders' : 'customer-events',
  });

  it.each([
    [
      'hub',
      'loyalty',
      /^127\.0\.0\.1 has no event hub orders: put it into config\/eventhubs\.json .* create --name orders/,
    ],
    [
      'key',
      'loyalty',
      /^EVENTHUBS_CONNECTION_STRING does not open 127\.0\.0\.1 for Listen: its key is wrong .* lacks the right/,
    ],
    [
      'nothing',
      'gold-club',
      /^the hub customer-events has no consumer group gold-club: put it .* --name gold-club/,
    ],
  ] as const)('tells a reader in one line what is missing (%s, %s)', async (lack, consumerGroup, line) => {
    const reader = new EventHubsReader({
      settings: settingsOf(lack),
      consumerGroup,
      from: 'earliest',
      onEvents: () => undefined,
    });
    reader.start();
    await eventually(() => lines.length > 0);
    expect(lines).toEqual([expect.stringMatching(line)]);
    await reader.close();
  });

  it.each([
    ['hub', /^127\.0\.0\.1 has no event hub orders/],
    ['key', /does not open 127\.0\.0\.1 for Listen/],
  ] as const)('tells a consumer, once however often it tries (%s)', async (lack, line) => {
    const subscription = new EventHubsSubscription({
      settings: settingsOf(lack),
      consumerGroup: 'loyalty',
      store: {} as PartitionStore,
      processor: {} as PartitionProcessor,
      events: new EventEmitter(),
    });
    subscription.start();
    await eventually(() => lines.length > 0);
    await subscription.close();
    expect(lines).toEqual([expect.stringMatching(line)]);
  });

  it.each([
    ['hub', /has no event hub orders/],
    ['key', /does not open 127\.0\.0\.1 for Send/],
  ] as const)('tells who sends (%s)', async (lack, line) => {
    const sender = new EventHubsSender(settingsOf(lack));
    await expect(sender.partitionIds()).rejects.toThrow(line);
    await sender.close();
  });
});
