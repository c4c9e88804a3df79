/** Why Service Bus refuses something, with the AMQP condition that Azure's clients know it by. */
export class ServiceBusError extends Error {
  override readonly name = 'ServiceBusError';
  constructor(
    readonly condition: string,
    message: string,
    /** Of an answer of `$management`. */
    readonly status: number,
  ) {
    super(message);
  }
}

export const lockLost = (): ServiceBusError =>
  new ServiceBusError(
    'com.microsoft:message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
    410,
  );

export const sessionLockLost = (id: string): ServiceBusError =>
  new ServiceBusError(
    'com.microsoft:session-lock-lost',
    `The lock on session '${id}' has expired or is lost.`,
    410,
  );

export const messageNotFound = (what: string): ServiceBusError =>
  new ServiceBusError('com.microsoft:message-not-found', what, 404);

export const entityFull = (name: string): ServiceBusError =>
  new ServiceBusError(
    'amqp:resource-limit-exceeded',
    `The maximum entity size has been reached or exceeded for '${name}': receive from it, or raise MaxSizeInMegabytes.`,
    403,
  );

export const badRequest = (what: string): ServiceBusError =>
  new ServiceBusError('com.microsoft:argument-error', what, 400);
