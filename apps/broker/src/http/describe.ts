import type { EventHub, Partition } from '../engine/event-hub.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** A hub as the tools see it: its groups, and its partitions with who reads them. */
export function describeHub(hub: EventHub): object {
  return {
    name: hub.name,
    createdAt: iso(hub.created),
    consumerGroups: hub.consumerGroups,
    partitions: hub.partitions.map((partition) => describePartition(hub, partition)),
  };
}

export function describePartition(hub: EventHub, partition: Partition): object {
  const { log, id } = partition;
  const { begin, next, last } = log.state;
  return {
    id,
    state: log.failure === undefined ? 'running' : 'failed',
    beginSequenceNumber: begin.sequenceNumber,
    nextSequenceNumber: next.sequenceNumber,
    lastEnqueuedAt: last && iso(last.enqueuedTime),
    bytes: next.offset - begin.offset,
    unsyncedBytes: log.pendingBytes,
    readers: readersOf(hub, partition),
  };
}

/** `nextOffset` is where a reader goes on: what lies before it was sent to the client. */
function readersOf(hub: EventHub, partition: Partition): object[] {
  return hub.consumerGroups.flatMap((consumerGroup) =>
    (hub.readers(consumerGroup, partition)?.all ?? []).map(({ name, epoch, nextOffset }) => ({
      consumerGroup,
      name,
      ownerLevel: epoch,
      nextOffset,
      bytesBehind: nextOffset === undefined ? undefined : partition.log.state.next.offset - nextOffset,
    })),
  );
}
