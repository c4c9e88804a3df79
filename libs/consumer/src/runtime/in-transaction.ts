import type { DataSource, QueryRunner } from 'typeorm';

/** A handler that awaits something else than the database for so long loses its transaction, not others their time. */
const idleInTransactionMs = 5_000;

/** Connections that have been told so. */
const impatient = new WeakSet<object>();

/** Commits what `work` writes, or nothing of it. */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await limitIdleTime(runner);
    await runner.startTransaction();
    const result = await work(runner);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // A connection that is gone has rolled back by itself; the first error is the one to tell.
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

/** Once a connection and not in each transaction: a trip to the database that every batch would wait for. */
async function limitIdleTime(runner: QueryRunner): Promise<void> {
  const connection = (await runner.connect()) as object;
  if (impatient.has(connection)) return;
  await runner.query(`SET idle_in_transaction_session_timeout = ${idleInTransactionMs}`);
  impatient.add(connection);
}
