import type { PartitionLog } from '@app/partition-log';
import { partitionForKey } from '@app/contracts/partition-for-key';
import type { EventHubConfig } from '../config/entities.js';
import type { ProducersStore } from './producers-store.js';
import { Readers } from './readers.js';

export interface Partition {
  readonly id: string;
  readonly log: PartitionLog;
  readonly producers: ProducersStore;
  /** What was handed to readers of any group since the start. */
  readonly delivered: { events: number; bytes: number };
}

/** One hub: its partitions, and who reads them for which consumer group. */
export class EventHub {
  readonly name: string;
  readonly consumerGroups: readonly string[];
  private readonly groups: Map<string, Readers[]>;
  private turn = 0;

  constructor(
    config: EventHubConfig,
    readonly partitions: readonly Partition[],
    /** Milliseconds since 1970. */
    readonly created: number,
    maxReaders: number,
  ) {
    this.name = config.name;
    this.consumerGroups = ['$Default', ...config.consumerGroups];
    this.groups = new Map(
      this.consumerGroups.map((group) => [
        group.toLowerCase(),
        partitions.map(() => new Readers(maxReaders)),
      ]),
    );
  }

  partition(id: string): Partition | undefined {
    return this.partitions.find((partition) => partition.id === id);
  }

  /** Where an event goes that is not sent to a partition: by its key, or to each in turn. */
  partitionFor(key: string | undefined): Partition {
    const count = this.partitions.length;
    const index = key === undefined ? this.turn++ % count : partitionForKey(key, count);
    return this.partitions[index] as Partition;
  }

  /** The readers of a partition for a group, whatever the case of its name. */
  readers(consumerGroup: string, partition: Partition): Readers | undefined {
    return this.groups.get(consumerGroup.toLowerCase())?.[this.partitions.indexOf(partition)];
  }

  async close(): Promise<void> {
    await Promise.all(
      this.partitions.map(async ({ log, producers }) => {
        await producers.close();
        await log.close();
      }),
    );
  }
}
