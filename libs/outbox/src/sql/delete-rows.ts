import type { QueryRunner } from 'typeorm';

/** The engine has acknowledged them. */
export async function deleteRows(runner: QueryRunner, ids: readonly string[]): Promise<void> {
  await runner.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [ids]);
}
