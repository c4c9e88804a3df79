import { PartitionReplay1700000000110, PartitionTables1700000000100 } from '@app/event-hubs';
import { AdministrativeActTable1700000000700 } from './acts/acts.migration.js';
import { ControlTable1700000000500 } from './control/control.migration.js';
import { ErasureTable1700000000400 } from './erasure/erasure.migration.js';
import { InboxTable1700000000200 } from './inbox/inbox.migration.js';
import { ReplayTables1700000000600 } from './replay/replay.migration.js';
import { SetAsideTables1700000000300 } from './set-aside/set-aside.migration.js';

/** The runtime's tables; a consumer puts them before its own migrations. */
export const consumerMigrations = [
  PartitionTables1700000000100,
  PartitionReplay1700000000110,
  InboxTable1700000000200,
  SetAsideTables1700000000300,
  ErasureTable1700000000400,
  ControlTable1700000000500,
  ReplayTables1700000000600,
  AdministrativeActTable1700000000700,
];

export { AdministrativeActs } from './acts/administrative-acts.js';
export type { ConsumerStatus, PartitionStatus } from './admin/consumer-status.service.js';
export * from './consumer.module.js';
export * from './consumer.options.js';
export * from './consumer-server.js';
export * from './ctx-host/consumer.context.js';
export * from './ctx-host/raw-event.js';
export * from './decorators/event-batch-pattern.decorator.js';
export { EventFilter } from './decorators/event-filter.decorator.js';
export { type Effect, EffectsService } from './effects/effects.service.js';
export { EventInterest, type WantsType } from './interest/event-interest.js';
export { inboxKey } from './inbox/inbox-key.js';
export { KeyCache } from './keys/key-cache.js';
export { openSealed } from './keys/open-sealed.js';
export { KeyServiceError, KeySource, type PersonalDataKey } from './keys/key-source.js';
export * from './lifecycle/consumer.events.js';
export * from './lifecycle/consumer-waits.js';
export { EventOpener } from './personal-data/event-opener.js';
export type { HeldData, OpenAll, PersonalDataOf } from './personal-data/held-data.js';
export { PauseGate } from './control/pause-gate.js';
export { Faults } from './faults/faults.js';
export type { Rebuild } from './replay/rebuild.js';
export type { ReplayPolicy } from './replay/replay-policy.js';
export { ReplayService } from './replay/replay.service.js';
export type { ReplayDto } from './replay/sql/find-replay.js';
export type { Finding, Findings } from './replay/sql/note-findings.js';
export { SetAsideService } from './set-aside/set-aside.service.js';
export { GroupRegistration } from './registration/group-registration.service.js';
export {
  EventFailedError,
  HandlerFailedError,
  NonRetryableError,
  PausePartitionError,
} from './runtime/errors.js';
export { HandlerTimeoutError } from './runtime/in-time.js';
