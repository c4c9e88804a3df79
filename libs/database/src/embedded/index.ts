export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './errors.js';
export { commandLineOf, endPredecessor } from './postmaster.js';
export { type PostgresOptions, type PostgresServer, startPostgres } from './server.js';
export { overSocket, socketFolder } from './socket.js';
