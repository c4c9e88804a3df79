import { EventHubConsumerClient } from '@azure/event-hubs';
import { oneAttempt } from '../client-library/one-attempt.js';
import { within } from '@app/service-defaults';
import type { EventHubsSettings } from '../settings.js';

/** Every hub has it, and nobody here reads in it: a look does not disturb a group's own readers. */
const lookingGroup = '$Default';
const answerWithinMs = 10_000;

export interface FirstEvent {
  sequenceNumber: number;
  enqueuedTime: Date;
}

/** The hub did not hand over an event that it has. */
export class LookTimeoutError extends Error {
  readonly code = 'LOOK_TIMEOUT';
}

/**
 * The first event of each partition that was enqueued at `time` or later. Asked only of partitions that have one.
 * @throws {LookTimeoutError}
 */
export async function findFirstSince(
  { connectionString, eventHubName }: EventHubsSettings,
  partitionIds: readonly string[],
  time: Date,
): Promise<Map<string, FirstEvent>> {
  const found = new Map<string, FirstEvent>();
  if (partitionIds.length === 0) return found;
  const client = new EventHubConsumerClient(lookingGroup, connectionString, eventHubName, {
    retryOptions: { ...oneAttempt },
  });
  try {
    await Promise.all(
      partitionIds.map(async (id) => {
        found.set(id, await firstSince(client, id, time));
      }),
    );
    return found;
  } finally {
    await within(1_000, client.close());
  }
}

async function firstSince(client: EventHubConsumerClient, id: string, time: Date): Promise<FirstEvent> {
  let subscription: { close(): Promise<void> } | undefined;
  let first: FirstEvent | undefined;
  const look = new Promise<void>((resolve) => {
    subscription = client.subscribe(
      id,
      {
        processEvents: async ([event]) => {
          if (!event || first) return;
          first = { sequenceNumber: event.sequenceNumber, enqueuedTime: event.enqueuedTimeUtc };
          resolve();
        },
        // The SDK tries again by itself; what lasts shows as the time that is up.
        processError: async () => undefined,
      },
      // The filter asks for later than a millisecond, so that one enqueued within it is not missed.
      {
        startPosition: { enqueuedOn: new Date(time.getTime() - 1) },
        maxBatchSize: 1,
        prefetchCount: 1,
        maxWaitTimeInSeconds: 1,
        skipParsingBodyAsJson: true,
      },
    );
  });
  await within(answerWithinMs, look);
  await within(1_000, subscription?.close() ?? Promise.resolve());
  if (!first) throw new LookTimeoutError(`partition ${id} handed over no event since ${time.toISOString()}`);
  return first;
}
