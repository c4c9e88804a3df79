import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually, type StartedBroker, startBroker } from '@app/testing';
import { CommandSender } from './index.js';
import type { CommandWorker } from './server/command-worker.js';
import { ReceivingTurn } from './server/receiving-turn.js';
import { ServiceBusSubscription } from './server/service-bus-subscription.js';

const config = { UserConfig: { Namespaces: [{ Name: 'spec', Queues: [{ Name: 'work' }] }] } };

describe('a Service Bus namespace that lacks something', () => {
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

  const settingsOf = (lack: 'queue' | 'key') => ({
    connectionString:
      lack === 'key' ? broker.connectionString.replace('SAS_KEY_VALUE', 'another') : broker.connectionString,
    queue: lack === 'queue' ? 'orders' : 'work',
  });

  it.each([
    ['queue', /^127\.0\.0\.1 has no queue orders: put it into config\/servicebus\.json/],
    [
      'key',
      /^SERVICEBUS_CONNECTION_STRING does not open the queue work of 127\.0\.0\.1 for Listen: its key is wrong/,
    ],
  ] as const)('tells a worker, once however often it tries (%s)', async (lack, line) => {
    const reach = jest.spyOn(ReceivingTurn.prototype, 'reach');
    const subscription = new ServiceBusSubscription(
      { settings: settingsOf(lack), events: new EventEmitter(), concurrency: 1 },
      { close: () => Promise.resolve() } as CommandWorker,
    );
    subscription.start();
    await eventually(() => reach.mock.calls.length > 2);
    await subscription.close();
    reach.mockRestore();
    expect(lines).toEqual([expect.stringMatching(line)]);
  });

  it.each([
    [
      'queue',
      /^127\.0\.0\.1 has no queue orders: put it into config\/servicebus\.json .* queue create --name orders/,
    ],
    ['key', /does not open the queue work of 127\.0\.0\.1 for Send/],
  ] as const)('tells who sends (%s)', async (lack, line) => {
    const sender = new CommandSender(settingsOf(lack));
    await expect(sender.send([{ messageId: '1', name: 'Work', body: '{}' }])).rejects.toThrow(line);
    await sender.close();
  });
});
