import type { QueryRunner } from 'typeorm';

/** Moves a row that no message can carry out of the way of the others, and keeps it. */
export async function rejectRow(runner: QueryRunner, id: string, reason: string): Promise<void> {
  await runner.query(
    `WITH taken AS (DELETE FROM outbox WHERE id = $1 RETURNING *)
     INSERT INTO outbox_rejected SELECT taken.*, $2 FROM taken`,
    [id, reason],
  );
}
