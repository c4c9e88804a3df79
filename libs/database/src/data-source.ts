import { DataSource, type DataSourceOptions, type EntitySchema, type MigrationInterface } from 'typeorm';

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

/** Connects, brings the schema up to date and answers the data source. */
export async function openDatabase(url: string, options: DatabaseOptions): Promise<DataSource> {
  const dataSource = new DataSource(dataSourceOptions(url, options));
  await dataSource.initialize();
  try {
    await migrate(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
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
    extra: { keepAlive: true, connectionTimeoutMillis: 5_000, ...options.connection },
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
