import type { ClientBase } from 'pg';
import type { QueryRunner } from 'typeorm';

/** Deletes what the engine has acknowledged and ends the transaction, in one trip. @param ids bigints as text */
export async function endBatch(runner: QueryRunner, ids: readonly string[]): Promise<void> {
  const client = (await runner.connect()) as ClientBase;
  const numbers = ids.map((id) => BigInt(id)).join(',');
  await client.query(ids.length > 0 ? `DELETE FROM outbox WHERE id IN (${numbers}); COMMIT` : 'COMMIT');
}
