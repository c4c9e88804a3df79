import { type EventData, EventHubProducerClient } from '@azure/event-hubs';
import { type ApplicationProperties, jsonContentType } from '@app/contracts';
import { EventTooLargeError } from '../errors.js';
import { within } from '../retry/back-off.js';
import { oneAttempt } from '../client-library/one-attempt.js';
import type { EventHubsSettings } from '../settings.js';

export interface OutgoingEvent {
  /** The CloudEvents id, which is the AMQP message-id too. */
  id: string;
  applicationProperties: ApplicationProperties;
  /** JSON text, put into the message byte for byte. */
  body: string;
}

/** Sends batches to a partition chosen by the caller: the SDK refuses a partition key beside it. */
export class EventHubsSender {
  private readonly producer: EventHubProducerClient;

  constructor(settings: EventHubsSettings) {
    this.producer = new EventHubProducerClient(settings.connectionString, settings.eventHubName, {
      retryOptions: { ...oneAttempt },
    });
  }

  /** The hub's partitions, asked of the engine. */
  partitionIds(): Promise<string[]> {
    return this.producer.getPartitionIds();
  }

  /**
   * Sends the first events, as many as fit into one message of the link, and answers how many the engine has
   * acknowledged. After an error nobody knows whether it has stored them: send them again, under the same ids.
   *
   * @throws {EventTooLargeError} when the first event alone does not fit
   */
  async send(partitionId: string, events: readonly OutgoingEvent[]): Promise<number> {
    const batch = await this.producer.createBatch({ partitionId });
    for (const event of events) {
      if (!batch.tryAdd(toEventData(event))) break;
    }
    const [first] = events;
    if (batch.count === 0 && first) throw new EventTooLargeError(first.id, batch.maxSizeInBytes);
    await this.producer.sendBatch(batch);
    return batch.count;
  }

  async close(): Promise<void> {
    await within(1_000, this.producer.close());
  }
}

/** The SDK turns a body that is not binary into JSON once more: a Buffer stays as it is. */
function toEventData({ id, applicationProperties, body }: OutgoingEvent): EventData {
  return {
    body: Buffer.from(body, 'utf8'),
    contentType: jsonContentType,
    messageId: id,
    properties: applicationProperties,
  };
}
