import { messageOf, pause, SparingLog } from '@app/service-defaults';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { Logger } from '@nestjs/common';
import { type EventEmitter, setMaxListeners } from 'node:events';
import { type Failure, failureOf, HandlerTimeoutError } from '../errors.js';
import { CommandGate } from './command-gate.js';
import type { ServiceBusEvents } from './service-bus.events.js';
import type { Settlement } from './settlement.js';

export interface CommandWorkerOptions {
  /** Runs the handler of a command; what it throws decides what becomes of it. */
  run(message: ServiceBusReceivedMessage): Promise<void>;
  events: EventEmitter<ServiceBusEvents>;
  /** A handler that takes longer counts as failed. */
  handlerTimeoutMs: number;
  /** How long a command that failed waits before it is given back. @param deliveryCount deliveries before that one */
  retryPauseMs(deliveryCount: number): number;
  /** Commands that wait so at the same time, their locks renewed; when there are more, no other is taken. */
  mostHeld: number;
}

/** Instead of the DOMException, stack and all, that a signal makes for itself. */
const ended = 'the handler has ended';

/**
 * What becomes of a received command:
 *
 *   running ──done──▶ completed
 *   running ──DeadLetterError──▶ dead-lettered
 *   running ──something is away──▶ waiting, lock renewed ──▶ running
 *   running ──anything else──▶ held, lock renewed ──its pause is over──▶ abandoned: it comes again, counted
 */
export class CommandWorker {
  private readonly log = new SparingLog(new Logger('ServiceBus'));
  private readonly closing = new AbortController();
  private readonly gate: CommandGate;
  private readonly running = new Set<Promise<void>>();
  private readonly held = new Set<Promise<void>>();
  /** Those that wait for room among the held, in order. */
  private readonly queue: (() => void)[] = [];

  constructor(private readonly options: CommandWorkerOptions) {
    const { events } = options;
    setMaxListeners(0, this.closing.signal); // one for each that is held
    this.gate = new CommandGate(this.closing.signal, {
      paused: (cause) => events.emit('paused', cause),
      resumed: () => events.emit('resumed'),
    });
  }

  /** Resolves when the next command may be taken: this one is settled, or held. Never rejects. */
  async process(message: ServiceBusReceivedMessage, settlement: Settlement): Promise<void> {
    const work = this.untilSettled(message, settlement);
    this.running.add(work);
    try {
      await work;
    } finally {
      this.running.delete(work);
    }
  }

  /** Begins nothing more, gives back what waits, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([...this.running, ...this.held]);
  }

  private async untilSettled(message: ServiceBusReceivedMessage, settlement: Settlement): Promise<void> {
    for (;;) {
      await this.gate.pass();
      if (this.closing.signal.aborted) return settlement.abandon(message, 'the process ends');
      const trouble = await this.attempt(message);
      if (!trouble) {
        this.gate.succeeded();
        return settlement.complete(message);
      }
      const { failure, error } = trouble;
      if (failure.kind === 'pause') {
        this.log.warn(`commands wait: ${messageOf(error)}`);
        this.gate.shut(error);
        continue;
      }
      if (failure.kind === 'dead-letter') return settlement.deadLetter(message, failure.error);
      return this.hold(message, error, settlement);
    }
  }

  private async attempt(
    message: ServiceBusReceivedMessage,
  ): Promise<{ failure: Failure; error: unknown } | undefined> {
    const { handlerTimeoutMs } = this.options;
    const timer = new AbortController();
    const timeUp = async (): Promise<void> => {
      await pause(handlerTimeoutMs, timer.signal);
      if (!timer.signal.aborted) throw new HandlerTimeoutError(handlerTimeoutMs);
    };
    try {
      await Promise.race([this.options.run(message), timeUp()]);
      return undefined;
    } catch (error) {
      return { failure: failureOf(error), error };
    } finally {
      timer.abort(ended);
    }
  }

  /** Keeps a command for a while before it is given back: at once, it would use up its deliveries in a moment. */
  private async hold(
    message: ServiceBusReceivedMessage,
    error: unknown,
    settlement: Settlement,
  ): Promise<void> {
    while (this.held.size >= this.options.mostHeld && !this.closing.signal.aborted)
      await new Promise<void>((resolve) => this.queue.push(resolve));
    const pauseMs = this.options.retryPauseMs(message.deliveryCount ?? 0);
    const giveBack = async (): Promise<void> => {
      await pause(pauseMs, this.closing.signal);
      await settlement.abandon(message, error);
      this.held.delete(held);
      this.queue.shift()?.();
    };
    const held = giveBack();
    this.held.add(held);
  }
}
