/** The error conditions of AMQP 1.0 §2.8.15–2.8.16, and of Event Hubs, that bytes off the wire can earn. */
export type WireCondition =
  | 'amqp:connection:framing-error'
  | 'amqp:decode-error'
  | 'amqp:not-allowed'
  | 'amqp:resource-limit-exceeded'
  | 'com.microsoft:argument-error';

/** Bytes that are not what AMQP 1.0 allows, or more of them than this engine takes. */
export class WireError extends Error {
  override readonly name = 'WireError';
  constructor(
    readonly condition: WireCondition,
    message: string,
  ) {
    super(message);
  }
}

export const decodeError = (message: string): WireError => new WireError('amqp:decode-error', message);
