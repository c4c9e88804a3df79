import { type EventData, EventHubProducerClient } from '@azure/event-hubs';
import { type ApplicationProperties, jsonContentType } from '@app/contracts';
import { EventTooLargeError } from '../errors.js';
import { within } from '@app/service-defaults';
import { oneAttempt } from '../client-library/one-attempt.js';
import { sayingWhatIsMissing } from '../client-library/what-is-missing.js';
import type { EventHubsSettings } from '../settings.js';

export interface OutgoingEvent {
  /** The CloudEvents id, which is the AMQP message-id too. */
  id: string;
  applicationProperties: ApplicationProperties;
  /** JSON text, put into the message byte for byte. */
  body: string;
}

/**
 * A send that is in flight when the engine dies is not rejected by the client library, it runs into this time-out. Giving
 * up on a slow engine too early costs duplicates, too late costs time.
 */
const sendTimeoutMs = 5_000;

/** Sends batches to a partition chosen by the caller: the SDK refuses a partition key beside it. */
export class EventHubsSender {
  private current: EventHubProducerClient | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly settings: EventHubsSettings) {}

  /** The hub's partitions, asked of the engine. */
  partitionIds(): Promise<string[]> {
    return this.attempt((producer) => producer.getPartitionIds(this.abortable));
  }

  /**
   * Sends the first events, as many as fit into one message of the link, and answers how many the engine has
   * acknowledged. After an error nobody knows whether it has stored them: send them again, under the same ids.
   *
   * @throws {EventTooLargeError} when the first event alone does not fit
   */
  send(partitionId: string, events: readonly OutgoingEvent[]): Promise<number> {
    return this.attempt(async (producer) => {
      const batch = await producer.createBatch({ partitionId, ...this.abortable });
      for (const event of events) {
        if (!batch.tryAdd(toEventData(event))) break;
      }
      const [first] = events;
      if (batch.count === 0 && first) throw new EventTooLargeError(first.id, batch.maxSizeInBytes);
      await producer.sendBatch(batch, this.abortable);
      return batch.count;
    });
  }

  /** A send under way rejects, whether the engine has stored its events or not. */
  async close(): Promise<void> {
    this.closing.abort();
    await within(1_000, this.discard());
  }

  private get abortable() {
    return { abortSignal: this.closing.signal };
  }

  /** After a failure the next attempt begins with a connection of its own, whatever state the old one is in. */
  private async attempt<T>(work: (producer: EventHubProducerClient) => Promise<T>): Promise<T> {
    if (this.closing.signal.aborted) throw new Error('the sender is closed');
    const { connectionString, eventHubName } = this.settings;
    this.current ??= new EventHubProducerClient(connectionString, eventHubName, {
      retryOptions: { ...oneAttempt, timeoutInMs: sendTimeoutMs },
    });
    const producer = this.current;
    try {
      return await work(producer);
    } catch (error) {
      if (!(error instanceof EventTooLargeError) && this.current === producer)
        void within(1_000, this.discard());
      throw sayingWhatIsMissing(error, { ...this.settings, right: 'Send' });
    }
  }

  private async discard(): Promise<void> {
    const producer = this.current;
    this.current = undefined;
    await producer?.close();
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
