import { attributeOf } from '@app/contracts';
import { EventHubsReader, eventHubsSettings, type ReceivedEventData } from '@app/event-hubs';
import { ReadinessRegistry } from '@app/service-defaults';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SeenEvents } from '../domain/seen-events.js';

/** Events of a partition that are read again when the console starts. */
const lookBack = 25_000;

/** Reads the stream as group `console`, and keeps nothing of it but where each event lies. */
@Injectable()
export class StreamWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly reader: EventHubsReader;

  constructor(
    private readonly seen: SeenEvents,
    readiness: ReadinessRegistry,
  ) {
    this.reader = new EventHubsReader({
      settings: eventHubsSettings(),
      consumerGroup: 'console',
      from: { last: lookBack },
      gatherMs: 50,
      onEvents: (events, partitionId) => this.note(events, partitionId),
    });
    readiness.register('stream', () => {
      if (!this.reader.running) throw new Error('the Event Hubs engine has not been reached');
    });
  }

  onApplicationBootstrap(): void {
    this.reader.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.reader.close();
  }

  private note(events: readonly ReceivedEventData[], partitionId: string): void {
    for (const { properties, sequenceNumber } of events) {
      const id = attributeOf(properties, 'id');
      const source = attributeOf(properties, 'source');
      if (typeof id === 'string' && typeof source === 'string') {
        this.seen.add(id, { partitionId, sequenceNumber, source });
      }
    }
  }
}
