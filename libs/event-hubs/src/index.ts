export { type BackOff, backOffMs, messageOf, pause, SparingLog, within } from '@app/service-defaults';
export type { ReceivedEventData } from '@azure/event-hubs';
export * from './checkpoint-store/partition-replay.migration.js';
export * from './checkpoint-store/partition-store.js';
export * from './checkpoint-store/partition-tables.migration.js';
export * from './checkpoint-store/postgres-checkpoint-store.js';
export {
  movePosition,
  movePositionParameters,
  movePositionSql,
  type StatementRunner,
} from './checkpoint-store/sql/move-position.js';
export * from './client/client-event-hubs.js';
export * from './client/event-hubs-record.js';
export * from './client/event-hubs-sender.js';
export * from './ctx-host/event-hubs.context.js';
export * from './errors.js';
export * from './server/event-hubs.events.js';
export * from './server/event-hubs-reader.js';
export * from './server/find-first-since.js';
export * from './server/partition-processor.js';
export * from './server/read-body.js';
export * from './server/read-last.js';
export * from './server/server-event-hubs.js';
export * from './settings.js';
