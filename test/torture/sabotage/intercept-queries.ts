import type { Client, QueryConfig } from 'pg';
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
    const connect = runner.connect.bind(runner) as () => Promise<Client>;
    runner.connect = async () => interceptPrepared(await connect(), intercept);
    runner.query = ((sql: string, parameters?: unknown[]) =>
      intercept(query, sql, parameters)) as typeof runner.query;
    return runner;
  };
  return source;
}

/** What is handed to the driver itself: statements by name, and several in one text, which are answered with more than rows. */
function interceptPrepared(client: Client, intercept: Intercept): Client {
  const query = async (statement: string | QueryConfig, values?: unknown[]): Promise<unknown> => {
    if (typeof statement === 'string')
      return intercept((text, parameters) => client.query(text, parameters), statement, values);
    const plain: Query = async (text, parameters) => (await client.query(text, parameters)).rows;
    return { rows: await intercept(plain, statement.text, statement.values) };
  };
  return new Proxy(client, {
    get: (target, name) => (name === 'query' ? query : bound(target, Reflect.get(target, name))),
  });
}

const bound = (target: object, member: unknown): unknown =>
  typeof member === 'function' ? (member.bind(target) as unknown) : member;
