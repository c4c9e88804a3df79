import { EventHubProducerClient } from '@azure/event-hubs';
import { jsonContentType, toApplicationProperties } from '@app/contracts';
import { ClientProxy, type ReadPacket } from '@nestjs/microservices';
import { v7 as uuidv7 } from 'uuid';
import { within } from '@app/service-defaults';
import { oneAttempt } from '../client-library/one-attempt.js';
import type { EventHubsSettings } from '../settings.js';
import { EventHubsRecord } from './event-hubs-record.js';

/**
 * Emits CloudEvents in AMQP binary mode, one at a time: `client.emit('AddressChanged', new EventHubsRecord(data, {…}))`.
 * What must not be lost goes through libs/outbox instead.
 */
export class ClientEventHubs extends ClientProxy {
  private producer: EventHubProducerClient | undefined;

  constructor(private readonly settings: EventHubsSettings) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
  }

  async connect(): Promise<EventHubProducerClient> {
    this.producer ??= new EventHubProducerClient(this.settings.connectionString, this.settings.eventHubName, {
      retryOptions: { ...oneAttempt },
    });
    return this.producer;
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    if (producer) await within(1_000, producer.close());
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the base class declares it so
  override unwrap<T>(): T {
    if (!this.producer) throw new Error('call connect() before unwrap()');
    return this.producer as T;
  }

  protected override publish(): never {
    throw new Error('Event Hubs carries events, not requests: use emit()');
  }

  protected override async dispatchEvent<T>({ pattern, data }: ReadPacket): Promise<T> {
    if (!(data instanceof EventHubsRecord))
      throw new TypeError('emit(type, new EventHubsRecord(data, attributes))');
    const attributes = {
      id: uuidv7(),
      time: new Date().toISOString(),
      ...data.attributes,
      type: this.normalizePattern(pattern),
    };
    const event = {
      body: Buffer.from(JSON.stringify(data.data)),
      contentType: jsonContentType,
      messageId: attributes.id,
      properties: toApplicationProperties(attributes),
    };
    const producer = await this.connect();
    await producer.sendBatch([event], attributes.subject ? { partitionKey: attributes.subject } : {});
    return undefined as T;
  }
}
