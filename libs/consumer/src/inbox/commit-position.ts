import { queryPrepared } from '@app/database';
import { movePositionParameters, movePositionSql, type PartitionLease } from '@app/event-hubs';
import type { EntityManager } from 'typeorm';

export interface PositionCommit {
  lease: PartitionLease;
  to: { sequenceNumber: number; offset: string };
  /** Keys of the events that are done. */
  done: readonly string[];
  /** Whether the commit that follows answers only once it is on disk, if the database is set up so. */
  waitForDisk: boolean;
}

const statement = {
  name: 'consumer_commit_position',
  text: `WITH moved AS (${movePositionSql}), noted AS (
       INSERT INTO inbox (event_id, generation)
       SELECT key, moved.generation FROM moved, unnest($11::uuid[]) AS key
     )
     SELECT count(*)::int AS moved,
            set_config('synchronous_commit',
                       CASE WHEN $12 THEN current_setting('synchronous_commit') ELSE 'off' END, true)
       FROM moved`,
};

/**
 * The last statement of a batch's transaction: moves the position, fenced by owner, epoch, generation and the place it
 * was at, and notes the handled events. `false`: another reader has taken over, nothing was written, roll back.
 */
export async function commitPosition(
  manager: EntityManager,
  { lease, to, done, waitForDisk }: PositionCommit,
): Promise<boolean> {
  const values = [...movePositionParameters(lease, to), done, waitForDisk];
  const rows = await queryPrepared<{ moved: number }>(manager, statement, values);
  return rows[0]?.moved === 1;
}
