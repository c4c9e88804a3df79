import { loadEnv } from '@app/service-defaults';
import { z } from 'zod';

const environment = z.object({
  /** Partitions of the hub. Never changed on a live hub: a customer's events would move to another partition. */
  EVENTHUB_PARTITION_COUNT: z.coerce.number().int().min(1).max(32).default(4),
});

/** @throws {EnvironmentError} */
export function partitionCountSetting(): number {
  return loadEnv(environment).EVENTHUB_PARTITION_COUNT;
}

export interface OutboxOptions {
  /** The hub that events go to; EVENTHUB_NAME unless told. */
  eventHub?: string;
  /** EVENTHUB_PARTITION_COUNT unless told. */
  partitionCount?: number;
  /** How often the outbox is looked at without being woken; 500 ms unless told. */
  pollIntervalMs?: number;
  /** Rows taken at once from a partition; 500 unless told. */
  batchSize?: number;
}
