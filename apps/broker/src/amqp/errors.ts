import { AppendRefusedError, LogError } from '@app/partition-log';
import { ProducerRefused } from '../engine/producers.js';
import { ServiceBusError } from '../service-bus/errors.js';
import type { AmqpError } from './rhea.js';
import { WireError } from './wire/wire-error.js';

/** The conditions Azure's clients know, each where the service would use it. */
export const notFound = (entity: string): AmqpError => ({
  condition: 'amqp:not-found',
  description: `The messaging entity '${entity}' could not be found.`,
});

export const noPartition = (count: number): AmqpError => ({
  condition: 'com.microsoft:argument-out-of-range',
  description: `The specified partition is invalid for an EventHub partition sender or receiver. It should be between 0 and ${count - 1}.`,
});

export const unauthorized = (what: string): AmqpError => ({
  condition: 'amqp:unauthorized-access',
  description: `Unauthorized access. ${what}`,
});

export const tooLarge = (maxBytes: number): AmqpError => ({
  condition: 'amqp:link:message-size-exceeded',
  description: `The received message exceeds the limit (${maxBytes} bytes) currently allowed on the link.`,
});

export const argumentError = (description: string): AmqpError => ({
  condition: 'com.microsoft:argument-error',
  description,
});

/** What a client is told when its events were not kept, or its reader cannot go on. */
export function errorOf(error: unknown): AmqpError {
  if (error instanceof WireError || error instanceof ProducerRefused || error instanceof ServiceBusError)
    return { condition: error.condition, description: error.message };
  if (error instanceof AppendRefusedError)
    return { condition: 'com.microsoft:server-busy', description: error.message };
  const description =
    error instanceof LogError ? error.message : 'The engine failed to do this; its log says why.';
  return { condition: 'amqp:internal-error', description };
}
