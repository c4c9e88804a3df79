import type { ClientBase } from 'pg';
import type { EntityManager } from 'typeorm';

/** A statement that PostgreSQL parses and plans once a connection; its name is unique within the service. */
export interface PreparedStatement {
  name: string;
  text: string;
}

/**
 * Runs a statement by name, in the transaction of `manager` where it has one. For statements on the hot path whose
 * planning costs as much as running them; everything else goes through `manager.query`.
 * @returns the rows
 */
export async function queryPrepared<Row>(
  manager: EntityManager,
  statement: PreparedStatement,
  values: unknown[],
): Promise<Row[]> {
  const { queryRunner } = manager;
  const runner = queryRunner ?? manager.connection.createQueryRunner();
  try {
    const client = (await runner.connect()) as ClientBase;
    const { rows } = await client.query<Row & object>({ ...statement, values });
    return rows;
  } finally {
    if (runner !== queryRunner) await runner.release();
  }
}
