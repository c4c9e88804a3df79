export * from './outbox.migration.js';
export * from './outbox.module.js';
export * from './outbox.options.js';
export * from './outbox-rows.js';
export * from './outbox-writer.js';
export * from './relay/outbox-relay.js';
