import { DataSource, type DataSourceOptions, type EntitySchema, type MigrationInterface } from 'typeorm';
import { GivingUpClient } from './giving-up-client.js';

type Constructor<T = object> = new () => T;

export interface DatabaseOptions {
  entities?: (Constructor | EntitySchema)[];
  /** In order; one that has shipped is never edited. */
  migrations: Constructor<MigrationInterface>[];
  /** Connections of the pool. */
  poolSize?: number;
  /** More for the driver, such as `idle_in_transaction_session_timeout` in milliseconds. */
  connection?: Record<string, unknown>;
}

/** Two services that start at once migrate one after the other: the lock's number is arbitrary, but ours. */
const migrationLock = 7_104_021;

/** PostgreSQL ends a statement after so long; when it does not say so a little later, the connection is gone. */
const timeouts = { statement_timeout: 40_000, query_timeout: 45_000 };
/** A migration takes as long as it takes, and so does waiting for another service's. */
const noTimeouts = { statement_timeout: 0, query_timeout: 0 };

/** Connects, brings the schema up to date and answers the data source. */
export async function openDatabase(url: string, options: DatabaseOptions): Promise<DataSource> {
  const patient = { ...options, poolSize: 2, connection: { ...options.connection, ...noTimeouts } };
  const migrator = await new DataSource(dataSourceOptions(url, patient)).initialize();
  try {
    await migrate(migrator);
  } finally {
    await migrator.destroy();
  }
  return new DataSource(dataSourceOptions(url, options)).initialize();
}

export function dataSourceOptions(url: string, options: DatabaseOptions): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: options.entities ?? [],
    migrations: options.migrations,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    poolSize: options.poolSize ?? 10,
    extra: {
      Client: GivingUpClient,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      ...timeouts,
      ...options.connection,
    },
  };
}

async function migrate(dataSource: DataSource): Promise<void> {
  const holder = dataSource.createQueryRunner();
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await dataSource.runMigrations();
  } finally {
    try {
      await holder.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
    } finally {
      await holder.release();
    }
  }
}
