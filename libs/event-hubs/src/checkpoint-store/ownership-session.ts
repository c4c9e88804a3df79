import { randomInt } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';

/** Advisory locks of this class are held by processes that own partitions; the number is arbitrary, but ours. */
export const ownerLockClass = 7_104_022;

/** Ownership is renewed each second: a statement that waits longer than this is worth less than the next try. */
const timeouts = {
  connectionTimeoutMillis: 3_000,
  lock_timeout: 500,
  statement_timeout: 3_000,
  query_timeout: 4_000,
};

interface Open {
  client: Client;
  lockId: number;
}

/**
 * One connection of a process for its partition ownership alone, apart from the pool: handlers that use up the pool do
 * not cost it its partitions. It holds an advisory lock as long as it lives, so that everybody can see at once when the
 * process has died, instead of waiting for its ownership to expire. Lost, it is opened anew by the next query.
 */
export class OwnershipSession {
  private open: Promise<Open> | undefined;
  private closed = false;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly databaseUrl: string) {}

  /** The number of the lock that this session holds. */
  async lockId(): Promise<number> {
    return (await this.session()).lockId;
  }

  /** One statement after the other, as PostgreSQL takes them. */
  query<Row extends QueryResultRow>(sql: string, parameters: unknown[]): Promise<Row[]> {
    const result = this.tail.then(() => this.run<Row>(sql, parameters));
    this.tail = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.closed = true;
    const session = await this.open?.catch(() => undefined);
    this.open = undefined;
    await session?.client.end();
  }

  private async run<Row extends QueryResultRow>(sql: string, parameters: unknown[]): Promise<Row[]> {
    const { client } = await this.session();
    try {
      return (await client.query<Row>(sql, parameters)).rows;
    } catch (error) {
      if (!isRefusal(error)) this.discard(client);
      throw error;
    }
  }

  private session(): Promise<Open> {
    if (this.closed) return Promise.reject(new Error('the ownership session is closed'));
    this.open ??= this.connect().catch((error: unknown) => {
      this.open = undefined;
      throw error;
    });
    return this.open;
  }

  private async connect(): Promise<Open> {
    const client = new Client({
      connectionString: this.databaseUrl,
      application_name: 'partition ownership',
      keepAlive: true,
      ...timeouts,
    });
    client.on('error', () => this.discard(client));
    try {
      await client.connect();
      for (;;) {
        const lockId = randomInt(1, 2 ** 31);
        const { rows } = await client.query<{ held: boolean }>(
          'SELECT pg_try_advisory_lock($1, $2) AS held',
          [ownerLockClass, lockId],
        );
        if (rows[0]?.held) return { client, lockId };
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  private discard(client: Client): void {
    this.open = undefined;
    client.end().catch(() => undefined);
  }
}

/** The server answered with an error of the statement (a SQLSTATE outside classes 08 and 57P): the session is sound. */
function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(?!08|57P)[0-9A-Z]{5}$/.test(code);
}
