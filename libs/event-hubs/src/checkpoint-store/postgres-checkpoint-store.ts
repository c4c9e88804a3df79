import type { Checkpoint, PartitionOwnership } from '@azure/event-hubs';
import { FencedError } from '../errors.js';
import { OwnershipAges } from './ownership-ages.js';
import { OwnershipSession } from './ownership-session.js';
import type { PartitionKey, PartitionLease, PartitionPosition, PartitionStore } from './partition-store.js';
import { claimOwnership } from './sql/claim-ownership.js';
import { leasePartition } from './sql/lease-partition.js';
import { listOwnership } from './sql/list-ownership.js';
import { listPositions } from './sql/list-positions.js';
import { movePosition } from './sql/move-position.js';

/** Ownership and positions in the consumer's own database, on a connection of their own. */
export class PostgresCheckpointStore implements PartitionStore {
  private readonly session: OwnershipSession;
  private readonly leases = new Map<string, PartitionLease>();
  /** By partition, as the last look at the ownership has shown it. */
  private readonly epochs = new Map<string, number>();
  /** Of the streams that were looked at; a reader looks at one. */
  private readonly ages = new Map<string, OwnershipAges>();

  constructor(databaseUrl: string) {
    this.session = new OwnershipSession(databaseUrl);
  }

  /**
   * The SDK compares `lastModifiedTimeInMs` with this machine's clock, so the age is turned into a time of ours. The ownership of a process that has died is reported as abandoned at once.
   */
  async listOwnership(
    namespace: string,
    eventHubName: string,
    consumerGroup: string,
  ): Promise<PartitionOwnership[]> {
    const rows = await listOwnership(this.session, { namespace, eventHubName, consumerGroup });
    for (const { partition_id, epoch } of rows) this.epochs.set(partition_id, Number(epoch));
    const stream = JSON.stringify([namespace, eventHubName, consumerGroup]);
    const known = this.ages.get(stream) ?? new OwnershipAges();
    this.ages.set(stream, known);
    const ages = known.look(rows);
    return rows.map((row) => ({
      fullyQualifiedNamespace: namespace,
      eventHubName,
      consumerGroup,
      partitionId: row.partition_id,
      ownerId: row.alive ? row.owner_id : '',
      etag: row.etag,
      lastModifiedTimeInMs: Date.now() - (ages.get(row.partition_id) ?? 0),
    }));
  }

  async claimOwnership(wanted: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    const claimed: PartitionOwnership[] = [];
    for (const ownership of wanted) {
      const etag = await claimOwnership(this.session, keyOf(ownership), ownership.ownerId, ownership.etag);
      if (etag) claimed.push({ ...ownership, etag, lastModifiedTimeInMs: Date.now() });
    }
    return claimed;
  }

  async listCheckpoints(
    namespace: string,
    eventHubName: string,
    consumerGroup: string,
  ): Promise<Checkpoint[]> {
    const positions = await this.listPositions(namespace, eventHubName, consumerGroup);
    return positions.flatMap(({ partitionId, sequenceNumber, offset }) =>
      offset === undefined
        ? []
        : [
            {
              fullyQualifiedNamespace: namespace,
              eventHubName,
              consumerGroup,
              partitionId,
              sequenceNumber,
              offset,
            },
          ],
    );
  }

  async listPositions(
    namespace: string,
    eventHubName: string,
    consumerGroup: string,
  ): Promise<PartitionPosition[]> {
    const rows = await listPositions(this.session, { namespace, eventHubName, consumerGroup });
    return rows.map((row) => ({
      partitionId: row.partition_id,
      sequenceNumber: Number(row.sequence_number),
      offset: row.event_offset ?? undefined,
    }));
  }

  isOvertaken({ partitionId, epoch }: PartitionLease): boolean {
    return (this.epochs.get(partitionId) ?? 0) > epoch;
  }

  /** For handlers whose effects lie outside this database; a transactional consumer moves its position itself. */
  async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const lease = this.leases.get(checkpoint.partitionId);
    if (!lease || !(await movePosition(this.session, lease, checkpoint))) {
      throw new FencedError(checkpoint.partitionId);
    }
    lease.sequenceNumber = checkpoint.sequenceNumber;
    lease.offset = checkpoint.offset;
  }

  async lease(key: PartitionKey, owner: string): Promise<PartitionLease> {
    const lease = await leasePartition(this.session, key, owner);
    if (!lease) throw new FencedError(key.partitionId);
    this.leases.set(key.partitionId, lease);
    return lease;
  }

  async release(owner: string, partitionId?: string): Promise<void> {
    await this.session.query(
      `UPDATE partition_ownership SET owner_id = '', etag = gen_random_uuid()
        WHERE owner_id = $1 AND ($2::text IS NULL OR partition_id = $2)`,
      [owner, partitionId],
    );
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}

function keyOf(ownership: PartitionOwnership): PartitionKey {
  return {
    namespace: ownership.fullyQualifiedNamespace,
    eventHubName: ownership.eventHubName,
    consumerGroup: ownership.consumerGroup,
    partitionId: ownership.partitionId,
  };
}
