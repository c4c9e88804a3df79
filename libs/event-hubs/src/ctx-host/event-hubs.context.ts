import type { ReceivedEventData } from '@azure/event-hubs';
import { BaseRpcContext } from '@nestjs/microservices';

export type EventHubsContextArgs = [event: ReceivedEventData, partitionId: string, consumerGroup: string];

/** What a handler learns about where an event came from; taken with `@Ctx()`. */
export class EventHubsContext extends BaseRpcContext<EventHubsContextArgs> {
  /** The event as the client library received it: `sequenceNumber`, `offset`, `enqueuedTimeUtc`, `properties`, `body`. */
  getEvent(): ReceivedEventData {
    return this.args[0];
  }

  getPartitionId(): string {
    return this.args[1];
  }

  getConsumerGroup(): string {
    return this.args[2];
  }
}
