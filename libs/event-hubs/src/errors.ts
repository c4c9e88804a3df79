/** The partition has another owner or a newer epoch: whatever was about to be written must not be. */
export class FencedError extends Error {
  readonly code = 'FENCED';
  readonly canRetry = false;

  constructor(readonly partitionId: string) {
    super(`partition ${partitionId} is no longer ours`);
  }
}

/** Told to the SDK to end one partition. It carries no `retryable`: with it the SDK would go on past the batch. */
export class PartitionStoppedError extends Error {
  readonly code = 'PARTITION_STOPPED';
  readonly canRetry = false;

  constructor(partitionId: string, cause?: unknown) {
    super(`partition ${partitionId} was stopped`, { cause });
  }
}

/** The namespace has not what is asked of it; the message says what to do. It may be mended meanwhile. */
export class NamespaceError extends Error {
  readonly code = 'NAMESPACE_LACKS';
  readonly canRetry = true;
}

/** One event alone is larger than the link's max-message-size. */
export class EventTooLargeError extends Error {
  readonly code = 'EVENT_TOO_LARGE';
  readonly canRetry = false;

  constructor(
    readonly eventId: string,
    readonly maxBytes: number,
  ) {
    super(`event ${eventId} does not fit into a message of ${maxBytes} bytes`);
  }
}
