import type { DynamicModule, Type } from '@nestjs/common';
import {
  attributesFrom,
  type CustomerEvent,
  type EventOf,
  partitionForKey,
  toApplicationProperties,
} from '@app/contracts';
import { EventHubsReader, EventHubsSender, jsonOf } from '@app/event-hubs';
import { eventually } from '../eventually.js';
import { testDatabase } from '../postgres/test-database.js';
import { startBroker } from '../processes/start-broker.js';
import { type InProcessConsumer, startInProcess } from './in-process.js';
import { KeyRing } from './key-ring.js';
import { sealed } from './seal-events.js';

const eventHubName = 'customer-events';

/** A consumer in this process that reads from a real engine, with the consumer groups of config/eventhubs.json. */
export interface EngineBench {
  consumer: InProcessConsumer;
  keys: KeyRing;
  /** Publishes as profile's relay does; resolves when the consumer has dealt with all of it. */
  publish(...events: readonly (EventOf | CustomerEvent<unknown>)[]): Promise<void>;
  /** Events of a type on the hub, whoever wrote them, as soon as there are so many; data as it lies there. */
  whenRecorded(type: string, count: number): Promise<CustomerEvent<unknown>[]>;
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function startEngineBench(module: Type | DynamicModule): Promise<EngineBench> {
  const [database, broker] = await Promise.all([testDatabase(), startBroker()]);
  const keys = new KeyRing();
  const { connectionString } = broker;
  const sender = new EventHubsSender({ connectionString, eventHubName });
  const closing = [() => sender.close(), () => broker.stop(), () => database.drop()];
  const close = async () => {
    for (const end of closing) await end();
  };
  try {
    const consumer = await startInProcess({ databaseUrl: database.url, module, keys, connectionString });
    closing.unshift(() => consumer.close());
    return {
      consumer,
      keys,
      publish: async (...events) => {
        const partitions = (await sender.partitionIds()).length;
        for (const event of events) {
          const { data, ...attributes } = sealed(event, keys);
          const message = {
            id: attributes.id,
            applicationProperties: toApplicationProperties(attributes),
            body: JSON.stringify(data),
          };
          await sender.send(String(partitionForKey(attributes.subject ?? '', partitions)), [message]);
        }
        for (const { type, subject } of events)
          if (type === 'CustomerErased' && subject !== undefined) keys.erase(subject);
        await consumer.waits.whenCaughtUp({ timeoutMs: 30_000 });
      },
      whenRecorded: async (type, count) => {
        const recorded: CustomerEvent<unknown>[] = [];
        const reader = new EventHubsReader({
          settings: { connectionString, eventHubName },
          consumerGroup: '$Default',
          from: 'earliest',
          onEvents: (events) => {
            for (const { properties, body } of events) {
              const read = attributesFrom(properties);
              const json = jsonOf(body);
              if (read.success && json.success && read.attributes.type === type)
                recorded.push({ ...read.attributes, data: json.data });
            }
          },
        });
        reader.start();
        try {
          await eventually(() => recorded.length >= count, { timeoutMs: 30_000 });
          return recorded;
        } finally {
          await reader.close();
        }
      },
      query: (sql, parameters = []) => consumer.database.query(sql, [...parameters]),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
