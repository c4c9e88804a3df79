import type { DataSource } from 'typeorm';

export type Query = (sql: string, parameters?: unknown[]) => Promise<unknown>;
/** Does a statement in another way; `query` runs one on the same connection. */
export type Intercept = (query: Query, sql: string, parameters?: unknown[]) => Promise<unknown>;

/** Puts a bug between code and database, so that the code that ships needs no flag for it. */
export function interceptQueries(source: DataSource, intercept: Intercept): DataSource {
  const create = source.createQueryRunner.bind(source);
  source.createQueryRunner = (...mode) => {
    const runner = create(...mode);
    const query: Query = runner.query.bind(runner);
    runner.query = ((sql: string, parameters?: unknown[]) =>
      intercept(query, sql, parameters)) as typeof runner.query;
    return runner;
  };
  return source;
}
