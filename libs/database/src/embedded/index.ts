export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './errors.js';
export { type PostgresOptions, type PostgresServer, startPostgres } from './server.js';
