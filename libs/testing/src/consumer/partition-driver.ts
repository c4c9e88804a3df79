import { randomUUID } from 'node:crypto';
import { type CustomerEvent, toApplicationProperties } from '@app/contracts';
import { FencedError, type PartitionLease, type ReceivedEventData } from '@app/event-hubs';
import type { InProcessConsumer } from './in-process.js';

const stream = { namespace: 'test', eventHubName: 'customer-events', consumerGroup: 'test' };

/** An event as the client library hands it over. */
export function received(
  { data, ...attributes }: CustomerEvent<unknown>,
  sequenceNumber: number,
): ReceivedEventData {
  return {
    body: Buffer.from(JSON.stringify(data)),
    properties: toApplicationProperties(attributes),
    sequenceNumber,
    offset: String(sequenceNumber),
    enqueuedTimeUtc: new Date(1_790_000_000_000 + sequenceNumber),
    partitionKey: null,
    getRawAmqpMessage: () => {
      throw new Error('the test has no AMQP message');
    },
  };
}

/** Plays the transport for one partition: leases, batches, and beginning again where the row says. */
export class PartitionDriver {
  private readonly key;

  constructor(
    private readonly consumer: Pick<InProcessConsumer, 'processor' | 'store' | 'database'>,
    readonly partitionId: string,
  ) {
    this.key = { ...stream, partitionId };
  }

  /** Takes the partition, from whoever has it. */
  async open(): Promise<PartitionLease> {
    const { store, processor } = this.consumer;
    const owner = randomUUID().slice(0, 8);
    const { namespace, ...rest } = this.key;
    const owners = await store.listOwnership(namespace, rest.eventHubName, rest.consumerGroup);
    const now = owners.find((one) => one.partitionId === this.partitionId);
    const wanted = { ...rest, fullyQualifiedNamespace: namespace, ownerId: owner };
    const [claimed] = await store.claimOwnership([{ ...wanted, ...(now?.etag && { etag: now.etag }) }]);
    if (!claimed) throw new FencedError(this.partitionId);
    const lease = await store.lease(this.key, owner);
    processor.opened(lease);
    return lease;
  }

  /** Hands over what comes after the lease's position, in batches of these sizes, over and over. */
  async read(
    lease: PartitionLease,
    log: readonly ReceivedEventData[],
    sizes: readonly number[],
  ): Promise<void> {
    const due = log.filter(({ sequenceNumber }) => sequenceNumber > lease.sequenceNumber);
    const { signal } = new AbortController();
    for (let from = 0, turn = 0; from < due.length; turn++) {
      const events = due.slice(from, from + (sizes[turn % sizes.length] ?? 1));
      await this.consumer.processor.process({ lease, events, signal });
      from += events.length;
    }
  }

  /** Gives the position away as a replay from the start does: another generation, and nothing behind it. */
  async replay(until: number): Promise<void> {
    await this.consumer.database.query(
      `UPDATE partition_position SET generation = generation + 1, epoch = epoch + 1, sequence_number = -1,
              event_offset = NULL, replay_until = $2 WHERE partition_id = $1`,
      [this.partitionId, until],
    );
  }
}
