import type { ReceivedEventData } from '@azure/event-hubs';
import { attributeOf } from '@app/contracts';
import type { PartitionStore } from '../checkpoint-store/partition-store.js';
import type { PartitionBatch, PartitionProcessor } from './partition-processor.js';

/** Calls the handlers of one event and resolves when their streams have ended; false when there is none. */
export type HandleEvent = (type: string, event: ReceivedEventData, batch: PartitionBatch) => Promise<boolean>;

/**
 * One handler call an event, then the checkpoint: at least once. A handler that fails is called again after a pause, so
 * its effects must be safe to repeat; libs/consumer has the processor that makes them happen once.
 */
export class HandlerProcessor implements PartitionProcessor {
  constructor(
    private readonly store: PartitionStore,
    private readonly handle: HandleEvent,
  ) {}

  async process(batch: PartitionBatch): Promise<void> {
    const { lease, events, signal } = batch;
    const todo = events.filter((event) => event.sequenceNumber > lease.sequenceNumber);
    let done: ReceivedEventData | undefined;
    try {
      for (const event of todo) {
        if (signal.aborted) break;
        const type = attributeOf(event.properties, 'type');
        if (typeof type === 'string') await this.handle(type, event, batch);
        done = event;
      }
    } finally {
      if (done) await this.checkpoint(batch, done);
    }
  }

  private async checkpoint({ lease }: PartitionBatch, { sequenceNumber, offset }: ReceivedEventData) {
    await this.store.updateCheckpoint({
      fullyQualifiedNamespace: lease.namespace,
      eventHubName: lease.eventHubName,
      consumerGroup: lease.consumerGroup,
      partitionId: lease.partitionId,
      sequenceNumber,
      offset,
    });
  }
}
