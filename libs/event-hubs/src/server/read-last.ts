import { EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs';
import { within } from '@app/service-defaults';
import { oneAttempt } from '../client-library/one-attempt.js';
import type { EventHubsSettings } from '../settings.js';

/** Every hub has it, and nobody here reads in it: a look does not disturb a group's own readers. */
const lookingGroup = '$Default';
const answerWithinMs = 10_000;

/**
 * The last events of each partition, at most so many of one, in the order of the partition. What has not come within ten
 * seconds is left out.
 */
export async function readLast(
  { connectionString, eventHubName }: EventHubsSettings,
  count: number,
): Promise<{ partitionId: string; event: ReceivedEventData }[]> {
  const client = new EventHubConsumerClient(lookingGroup, connectionString, eventHubName, {
    retryOptions: { ...oneAttempt },
  });
  try {
    const ids = await client.getPartitionIds();
    const read = ids.map(async (partitionId) =>
      (await lastOf(client, partitionId, count)).map((event) => ({ partitionId, event })),
    );
    return (await Promise.all(read)).flat();
  } finally {
    await within(1_000, client.close());
  }
}

async function lastOf(
  client: EventHubConsumerClient,
  id: string,
  count: number,
): Promise<ReceivedEventData[]> {
  const { isEmpty, beginningSequenceNumber, lastEnqueuedSequenceNumber } =
    await client.getPartitionProperties(id);
  if (isEmpty) return [];
  const sequenceNumber = Math.max(beginningSequenceNumber, lastEnqueuedSequenceNumber - count + 1);
  const events: ReceivedEventData[] = [];
  let subscription: { close(): Promise<void> } | undefined;
  const all = new Promise<void>((resolve) => {
    subscription = client.subscribe(
      id,
      {
        processEvents: async (received) => {
          events.push(...received);
          if ((received.at(-1)?.sequenceNumber ?? -1) >= lastEnqueuedSequenceNumber) resolve();
        },
        // The SDK tries again by itself; what lasts shows as the time that is up.
        processError: async () => undefined,
      },
      {
        startPosition: { sequenceNumber, isInclusive: true },
        maxBatchSize: 500,
        maxWaitTimeInSeconds: 1,
        skipParsingBodyAsJson: true,
      },
    );
  });
  await within(answerWithinMs, all);
  await within(1_000, subscription?.close() ?? Promise.resolve());
  return events.slice(0, count);
}
