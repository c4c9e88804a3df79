import { EventEmitter, once } from 'node:events';
import { Logger } from '@nestjs/common';
import {
  type CustomTransportStrategy,
  type MessageHandler,
  type ReadPacket,
  Server,
} from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { PartitionStore } from '../checkpoint-store/partition-store.js';
import { EventHubsContext } from '../ctx-host/event-hubs.context.js';
import { SparingLog } from '@app/service-defaults';
import type { EventHubsSettings } from '../settings.js';
import type { EventHubsEvents, EventHubsListeners } from './event-hubs.events.js';
import { EventHubsSubscription } from './event-hubs-subscription.js';
import { HandlerProcessor } from './handler-processor.js';
import type { PartitionProcessor } from './partition-processor.js';
import { jsonOf } from './read-body.js';
import type { SubscriptionOptions } from './subscription-options.js';

export interface ServerEventHubsOptions extends Pick<
  SubscriptionOptions,
  'maxBatchSize' | 'gatherMs' | 'prefetchCount' | 'lookIntervalMs' | 'ownershipExpiryMs'
> {
  settings: EventHubsSettings;
  consumerGroup: string;
  store: PartitionStore;
  /** What becomes of a batch; one handler call an event, then the checkpoint, unless told. */
  processor?: PartitionProcessor;
}

/**
 * Event Hubs as a Nest transport: `@EventPattern('AddressChanged')` takes events by the CloudEvents type in their
 * application properties. Partitions are shared among the processes of a consumer group.
 */
export class ServerEventHubs extends Server<EventHubsListeners> implements CustomTransportStrategy {
  override readonly transportId = Symbol('EVENT_HUBS');
  override readonly propagatesEventHandlerErrors = true;
  readonly events = new EventEmitter<EventHubsEvents>();
  protected readonly subscription: EventHubsSubscription;
  private readonly unreadable = new SparingLog(new Logger('EventHubs'));

  constructor(private readonly options: ServerEventHubsOptions) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
    this.subscription = new EventHubsSubscription({
      ...options,
      processor: options.processor ?? this.handlerProcessor(),
      events: this.events,
    });
    this.events.on('connected', () => this._status$.next('connected'));
    this.events.on('disconnected', () => this._status$.next('disconnected'));
  }

  /** Begins to read in the background: an engine that is not there yet does not hold up the service's start. */
  listen(callback: (error?: unknown) => void): void {
    this.subscription.start();
    callback();
  }

  async close(): Promise<void> {
    await this.subscription.close();
    await this.options.store.close();
  }

  /** Whether the engine answers and partitions are being read or looked for. */
  get running(): boolean {
    return this.subscription.running;
  }

  /** Resolves when the engine answers and partitions are being looked for. */
  async whenConnected(): Promise<void> {
    if (!this.running) await once(this.events, 'connected');
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the base class declares it so
  override on<Name extends keyof EventHubsEvents, Listener extends EventHubsListeners[Name]>(
    event: Name,
    listener: Listener,
  ): void {
    (this.events as EventEmitter).on(event, listener);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the base class declares it so
  override unwrap<T>(): T {
    return this.subscription as T;
  }

  /** As ServerKafka does: the handler's whole stream is awaited, and its error is the caller's. */
  override async handleEvent(pattern: string, packet: ReadPacket, context: EventHubsContext): Promise<void> {
    const handler = this.getHandlerByPattern(pattern);
    if (handler) await this.runHandler(handler, packet.data, context);
  }

  /** Resolves when the handler's whole stream has ended; its error comes through, whatever the processing hooks do. */
  protected runHandler(handler: MessageHandler, payload: unknown, context: EventHubsContext): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        try {
          const result: unknown = await handler(payload, context);
          if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
          resolve();
        } catch (error) {
          reject(error);
        } finally {
          this.onProcessingEndHook?.(this.transportId, context);
        }
      });
    });
  }

  private handlerProcessor(): PartitionProcessor {
    return new HandlerProcessor(this.options.store, async (type, event, { lease }) => {
      if (!this.messageHandlers.has(type)) return false;
      const read = jsonOf(event.body);
      if (!read.success) {
        this.unreadable.warn(`a ${type} at ${event.sequenceNumber} is passed over: ${read.reason}`);
        return false;
      }
      const context = new EventHubsContext([event, lease.partitionId, lease.consumerGroup]);
      await this.handleEvent(type, { pattern: type, data: read.data }, context);
      return true;
    });
  }
}
