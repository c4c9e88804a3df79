import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { EventEmitter, once } from 'node:events';
import { isObservable, lastValueFrom } from 'rxjs';
import { ServiceBusContext } from '../ctx-host/service-bus.context.js';
import { DeadLetterError } from '../errors.js';
import type { ServiceBusSettings } from '../settings.js';
import { CommandWorker } from './command-worker.js';
import { inHandlerSpan } from './in-trace.js';
import type { ServiceBusEvents, ServiceBusListeners } from './service-bus.events.js';
import { ServiceBusSubscription } from './service-bus-subscription.js';

/** Names this transport beside another in the same service: `@MessagePattern('SendNotification', SERVICE_BUS)`. */
export const SERVICE_BUS = Symbol('SERVICE_BUS');

export interface ServerServiceBusOptions {
  settings: ServiceBusSettings;
  /** Commands handled at the same time; 10 unless told. */
  concurrency?: number;
  /** Commands that failed and wait to be given back; 200 unless told. When there are more, no other is taken. */
  mostHeld?: number;
  /** How long one that failed waits; 1 s after the first delivery, twice as long after each, at most a minute. */
  retryPauseMs?: (deliveryCount: number) => number;
  /** A handler that takes longer counts as failed; 60 s unless told. */
  handlerTimeoutMs?: number;
}

/**
 * A Service Bus queue as a Nest transport: `@MessagePattern('SendNotification')` takes the commands whose subject (label)
 * that is, their JSON as the payload. A handler that returns completes its command; what it throws decides what else becomes
 * of it, see {@link failureOf}. Commands are delivered at least once and not in order; nobody gets an answer.
 */
export class ServerServiceBus extends Server<ServiceBusListeners> implements CustomTransportStrategy {
  override readonly transportId = SERVICE_BUS;
  readonly events = new EventEmitter<ServiceBusEvents>();
  private readonly subscription: ServiceBusSubscription;

  constructor(private readonly options: ServerServiceBusOptions) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
    const { settings, concurrency = 10, mostHeld = 200, handlerTimeoutMs = 60_000 } = options;
    const { events } = this;
    const worker = new CommandWorker({
      run: (message) => this.run(message),
      events,
      handlerTimeoutMs,
      mostHeld,
      retryPauseMs: options.retryPauseMs ?? ((deliveries) => Math.min(1_000 * 2 ** deliveries, 60_000)),
    });
    this.subscription = new ServiceBusSubscription({ settings, events, concurrency }, worker);
    events.on('connected', () => this._status$.next('connected'));
    events.on('disconnected', () => this._status$.next('disconnected'));
  }

  /** Begins to receive in the background: an engine that is not there yet does not hold up the service's start. */
  listen(callback: (error?: unknown) => void): void {
    this.subscription.start();
    callback();
  }

  async close(): Promise<void> {
    await this.subscription.close();
  }

  /** Whether the engine answers and commands are being taken. */
  get running(): boolean {
    return this.subscription.running;
  }

  /** Resolves when the engine answers and commands are being taken. */
  async whenConnected(): Promise<void> {
    if (!this.running) await once(this.events, 'connected');
  }

  /** A service may read a stream beside: its `@EventPattern` handlers are not for commands. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (!isEventHandler) super.addHandler(pattern, callback, false, extras);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the base class declares it so
  override on<Name extends keyof ServiceBusEvents, Listener extends ServiceBusListeners[Name]>(
    event: Name,
    listener: Listener,
  ): void {
    (this.events as EventEmitter).on(event, listener);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the base class declares it so
  override unwrap<T>(): T {
    return this.subscription as T;
  }

  private async run(message: ServiceBusReceivedMessage): Promise<void> {
    const { subject = '', body } = message as { subject?: string; body: unknown };
    const handler = this.messageHandlers.get(this.normalizePattern(subject));
    if (!handler) throw new DeadLetterError('NoHandler', `no handler takes commands named "${subject}"`);
    // The client library leaves a body that is no JSON as the bytes it was.
    if (Buffer.isBuffer(body))
      throw new DeadLetterError('UnreadableBody', `the body is not JSON: ${body.length} bytes`);
    const { queue } = this.options.settings;
    await inHandlerSpan(message, queue, () =>
      this.call(handler, body, new ServiceBusContext([message, queue])),
    );
  }

  /** Resolves when the handler's whole stream has ended; its error comes through, whatever the processing hooks do. */
  private call(handler: MessageHandler, payload: unknown, context: ServiceBusContext): Promise<void> {
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
}
