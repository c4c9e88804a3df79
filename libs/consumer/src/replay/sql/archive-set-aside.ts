import type { StatementRunner } from '@app/event-hubs';
import type { PartitionStart, Stream } from './begin-replay.js';

/**
 * What is set aside and will be read again goes; what lies before stays, and belongs to the new generation. Who was
 * being tried at this moment is waited for. What somebody discarded stays discarded.
 */
export async function archiveSetAside(
  runner: StatementRunner,
  { namespace, eventHubName }: Stream,
  generation: number,
  starts: readonly PartitionStart[],
): Promise<void> {
  await runner.query('SELECT FROM set_aside_customer ORDER BY customer_id FOR UPDATE', []);
  await runner.query(
    `WITH gone AS (
       DELETE FROM set_aside_event e
        USING unnest($3::text[], $4::bigint[]) AS s (partition_id, start_after)
        WHERE e.namespace = $1 AND e.event_hub = $2 AND e.partition_id = s.partition_id
          AND e.sequence_number > s.start_after
       RETURNING e.key, e.generation, e.customer_id, e.event_id, e.source, e.type
     )
     INSERT INTO set_aside_end (key, generation, customer_id, event_id, source, type, outcome)
     SELECT key, generation, customer_id, event_id, source, type, 'replayed' FROM gone
     ON CONFLICT DO NOTHING`,
    [
      namespace,
      eventHubName,
      starts.map(({ partitionId }) => partitionId),
      starts.map(({ startAfter }) => startAfter),
    ],
  );
  await runner.query(
    `DELETE FROM set_aside_customer c
      WHERE NOT EXISTS (SELECT FROM set_aside_event e WHERE e.customer_id = c.customer_id)`,
    [],
  );
  await runner.query('UPDATE set_aside_event SET generation = $1', [generation]);
  await runner.query(
    `INSERT INTO inbox (event_id, generation)
     SELECT DISTINCT key, $1::int FROM set_aside_end WHERE outcome = 'discarded'
     ON CONFLICT DO NOTHING`,
    [generation],
  );
}
