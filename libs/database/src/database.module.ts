import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { EnvironmentError, loadEnv, ReadinessRegistry } from '@app/service-defaults';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type DatabaseOptions, dataSourceOptions, openDatabase } from './data-source.js';

const environment = z.object({
  /** The service's own database: `postgres://user:password@host:port/name`. */
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'),
});

@Injectable()
class DatabaseReadiness {
  constructor(readiness: ReadinessRegistry, @Inject(DataSource) dataSource: DataSource) {
    readiness.register('database', async () => {
      await dataSource.query('SELECT 1');
    });
  }
}

/** TypeORM on the database that DATABASE_URL names, migrated before anything uses it. */
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...dataSourceOptions(loadEnv(environment).DATABASE_URL, options),
            retryAttempts: 20,
            retryDelay: 500,
            toRetry: (error) => !(error instanceof EnvironmentError),
          }),
          dataSourceFactory: () => openDatabase(loadEnv(environment).DATABASE_URL, options),
        }),
      ],
      providers: [DatabaseReadiness],
    };
  }
}
