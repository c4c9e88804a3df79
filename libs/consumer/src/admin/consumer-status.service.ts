import { type StatementRunner, within } from '@app/event-hubs';
import type { ConsumerServer } from '../consumer-server.js';
import { countSetAside, type SetAsideCounts } from '../set-aside/sql/count-set-aside.js';
import { isPaused } from '../control/sql.js';
import { listPartitions } from './list-partitions.js';

export interface PartitionStatus {
  partitionId: string;
  /** Names the process that reads it; null while nobody does. */
  owner: string | null;
  /** The last event that is done with, -1 before the first. */
  sequenceNumber: number;
  /** Null while the engine cannot be asked and no event has told it. */
  lagEvents: number | null;
  lagSeconds: number | null;
}

export interface ConsumerStatus extends SetAsideCounts {
  consumerGroup: string;
  /** Whether somebody has paused the group. */
  paused: boolean;
  partitions: PartitionStatus[];
}

const askEngineMs = 2_000;

/** Where a consumer stands, over all its replicas. */
export class ConsumerStatusService {
  constructor(
    private readonly consumerGroup: string,
    private readonly database: StatementRunner,
    private readonly server: Pick<ConsumerServer, 'heads' | 'processor'>,
  ) {}

  async status(): Promise<ConsumerStatus> {
    const [rows, heads, setAside, paused] = await Promise.all([
      listPartitions(this.database, this.consumerGroup),
      this.heads(),
      countSetAside(this.database),
      isPaused(this.database, this.consumerGroup),
    ]);
    const own = new Map(
      this.server.processor.sessions.map((session) => [session.lease.partitionId, session]),
    );
    const partitions = rows.map((row): PartitionStatus => {
      const reading = own.get(row.partitionId);
      // One that a replay has overtaken and does not know it yet says nothing about where the group stands.
      const session = reading?.lease.generation === row.generation ? reading : undefined;
      const sequenceNumber = Math.max(row.sequenceNumber, session?.seen ?? -1);
      const head = heads.get(row.partitionId);
      const lagEvents =
        head === undefined ? (session?.lagEvents ?? null) : Math.max(0, head - sequenceNumber);
      const lagSeconds = lagEvents === 0 ? 0 : (session?.lagSeconds ?? secondsSince(row.updatedAt));
      const { partitionId, owner } = row;
      return { partitionId, owner, sequenceNumber, lagEvents, lagSeconds };
    });
    return { consumerGroup: this.consumerGroup, paused, partitions, ...setAside };
  }

  /** The last sequence number of each partition's log; empty when the engine does not answer in time. */
  private async heads(): Promise<Map<string, number>> {
    const heads = new Map<string, number>();
    const asking = this.server.heads().then((found) => {
      for (const { partitionId, lastEnqueuedSequenceNumber, isEmpty } of found) {
        heads.set(partitionId, isEmpty ? -1 : lastEnqueuedSequenceNumber);
      }
      return heads;
    });
    // An absent engine is what this call is there to show: the positions are told all the same.
    await within(askEngineMs, asking);
    return heads;
  }
}

const secondsSince = (time: Date): number => Math.max(0, (Date.now() - time.getTime()) / 1000);
