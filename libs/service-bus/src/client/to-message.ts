import type { ServiceBusMessage } from '@azure/service-bus';
import type { OutgoingCommand } from './command.js';

/** A body that is not binary the client library turns into JSON once more: a Buffer stays as it is. */
export function toMessage(command: OutgoingCommand): ServiceBusMessage {
  const { messageId, name, body, correlationId, traceparent } = command;
  return {
    messageId,
    subject: name,
    body: Buffer.from(body, 'utf8'),
    contentType: 'application/json',
    ...(correlationId !== undefined && { correlationId }),
    ...(traceparent !== undefined && { applicationProperties: { traceparent } }),
  };
}
