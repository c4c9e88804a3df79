import type { ServiceBusReceivedMessage } from '@azure/service-bus';

/** A command that nobody could do, without what it says. */
export interface DeadLetterDto {
  /** Its place in the dead-letter queue. */
  sequenceNumber: string;
  messageId: string;
  name: string;
  /** What it is about, where the sender said so. */
  correlationId?: string;
  reason: string;
  description?: string;
  deliveryCount: number;
  enqueuedAt: string;
}

/** Which dead letters are meant; all of them without a member. */
export interface DeadLetterFilter {
  sequenceNumber?: string | undefined;
  reason?: string | undefined;
  correlationId?: string | undefined;
}

export function deadLetterDto(message: ServiceBusReceivedMessage): DeadLetterDto {
  const { correlationId, deadLetterErrorDescription: description } = message;
  return {
    sequenceNumber: String(message.sequenceNumber),
    messageId: String(message.messageId),
    name: message.subject ?? '',
    ...(correlationId !== undefined && { correlationId: String(correlationId) }),
    reason: message.deadLetterReason ?? 'unknown',
    ...(description !== undefined && { description }),
    deliveryCount: message.deliveryCount ?? 0,
    enqueuedAt: (message.enqueuedTimeUtc ?? new Date(0)).toISOString(),
  };
}

export function isMeant(dto: DeadLetterDto, filter: DeadLetterFilter): boolean {
  return (['sequenceNumber', 'reason', 'correlationId'] as const).every(
    (name) => filter[name] === undefined || filter[name] === dto[name],
  );
}
