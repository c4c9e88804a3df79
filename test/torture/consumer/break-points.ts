import type { Query } from '../sabotage/intercept-queries.js';

/** The database connection is gone: nothing of the transaction is kept, as when the process had been killed. */
class ConnectionLost extends Error {
  readonly code = '57P01';
}

/**
 * Counts a consumer's statements and breaks at the one it is told, once: before it has run, or, for a COMMIT, also after
 * it, when its answer is lost.
 */
export class BreakPoints {
  private left = Infinity;
  private after = false;
  struck = false;

  /** @param after the statement runs, and its answer is lost */
  breakAt(statement: number, after = false): void {
    this.left = statement;
    this.after = after;
    this.struck = false;
  }

  async run(query: Query, sql: string, parameters?: unknown[]): Promise<unknown> {
    if (sql === 'ROLLBACK' || --this.left > 0) return query(sql, parameters);
    this.left = Infinity;
    this.struck = true;
    if (this.after && sql === 'COMMIT') await query(sql, parameters);
    throw new ConnectionLost(`the connection is lost at: ${sql.slice(0, 40)}`);
  }
}
