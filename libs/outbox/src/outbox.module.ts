import { type DynamicModule, Module } from '@nestjs/common';
import { EventHubsSender, eventHubsSettings } from '@app/event-hubs';
import { DataSource } from 'typeorm';
import { type OutboxOptions, partitionCountSetting } from './outbox.options.js';
import { OutboxWriter } from './outbox-writer.js';
import { OutboxRelay } from './relay/outbox-relay.js';

/**
 * `OutboxWriter` and `OutboxRelay` for a service that emits events; its database has {@link OutboxTables1700000000300}.
 * Reads EVENTHUBS_CONNECTION_STRING, EVENTHUB_NAME and EVENTHUB_PARTITION_COUNT.
 */
@Module({})
export class OutboxModule {
  static forRoot(options: OutboxOptions = {}): DynamicModule {
    const partitionCount = options.partitionCount ?? partitionCountSetting();
    return {
      module: OutboxModule,
      global: true,
      providers: [
        { provide: OutboxWriter, useFactory: () => new OutboxWriter(partitionCount) },
        {
          provide: OutboxRelay,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => {
            const settings = eventHubsSettings();
            const eventHubName = options.eventHub ?? settings.eventHubName;
            return new OutboxRelay(dataSource, new EventHubsSender({ ...settings, eventHubName }), {
              partitionCount,
              pollIntervalMs: options.pollIntervalMs ?? 500,
              batchSize: options.batchSize ?? 500,
            });
          },
        },
      ],
      exports: [OutboxWriter, OutboxRelay],
    };
  }
}
