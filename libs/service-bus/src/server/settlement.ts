import { backOffMs, messageOf, pause, SparingLog } from '@app/service-defaults';
import {
  isServiceBusError,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import { Logger } from '@nestjs/common';
import type { EventEmitter } from 'node:events';
import type { DeadLetterError } from '../errors.js';
import type { ServiceBusEvents } from './service-bus.events.js';
import { Turns } from './turns.js';

/** Through a short absence of the engine: a settlement that is not told makes the command come again. */
const mostAttempts = 5;
const backOff = { baseMs: 200, maxMs: 2_000 };
/** Longer is cut off: it becomes an application property of the dead letter. */
const mostDescription = 1_024;

/** Tells the engine what became of commands. Never throws: what cannot be told comes again, and finds its effect done. */
export class Settlement {
  private readonly log = new SparingLog(new Logger('ServiceBus'));
  private readonly turns = new Turns();

  constructor(
    private readonly receiver: Pick<
      ServiceBusReceiver,
      'completeMessage' | 'abandonMessage' | 'deadLetterMessage'
    >,
    private readonly events: EventEmitter<ServiceBusEvents>,
  ) {}

  async complete(message: ServiceBusReceivedMessage): Promise<void> {
    if (await this.settle(message, 'shared', () => this.receiver.completeMessage(message)))
      this.events.emit('completed', String(message.messageId));
  }

  async abandon(message: ServiceBusReceivedMessage, error: unknown): Promise<void> {
    if (await this.settle(message, 'alone', () => this.receiver.abandonMessage(message)))
      this.events.emit('abandoned', String(message.messageId), error);
  }

  async deadLetter(
    message: ServiceBusReceivedMessage,
    { reason, message: text }: DeadLetterError,
  ): Promise<void> {
    const told = {
      deadLetterReason: reason,
      deadLetterErrorDescription: text.slice(0, mostDescription),
    };
    if (await this.settle(message, 'alone', () => this.receiver.deadLetterMessage(message, told)))
      this.events.emit('deadLettered', String(message.messageId), reason);
  }

  private async settle(
    message: ServiceBusReceivedMessage,
    turn: 'shared' | 'alone',
    tell: () => Promise<void>,
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.turns.next(turn);
        await tell();
        return true;
      } catch (error) {
        if (isGone(error)) {
          this.events.emit('lockLost', String(message.messageId));
          return false;
        }
        if (attempt === mostAttempts) {
          this.log.warn(
            `command ${String(message.messageId)} is not settled and comes again: ${messageOf(error)}`,
          );
          return false;
        }
        await pause(backOffMs(attempt, backOff));
      }
    }
  }
}

/** The lock has expired, or an attempt whose answer was lost has settled the message. */
function isGone(error: unknown): boolean {
  if (isServiceBusError(error)) return ['MessageLockLost', 'MessageNotFound'].includes(error.code);
  return error instanceof Error && /already settled/.test(error.message);
}
