import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { EventHubsSender, eventHubsSettings, PostgresCheckpointStore } from '@app/event-hubs';
import { keepHandlerErrors, loadEnv, ReadinessRegistry, ServiceToken } from '@app/service-defaults';
import { DataSource } from 'typeorm';
import { ActSender } from './acts/act-sender.js';
import { AdministrativeActs } from './acts/administrative-acts.js';
import { ConsumerAdminController } from './admin/consumer-admin.controller.js';
import { ParkedController } from './admin/parked.controller.js';
import { ConsumerStatusService } from './admin/consumer-status.service.js';
import { ControlController } from './control/control.controller.js';
import { PauseGate } from './control/pause-gate.js';
import { ErasureConfirmer } from './erasure/erasure-confirmer.js';
import { FaultsController } from './faults/faults.controller.js';
import { faultsAreOn } from './faults/faults-environment.js';
import { Faults } from './faults/faults.js';
import { CONSUMER_OPTIONS, type ConsumerOptions } from './consumer.options.js';
import { ConsumerServer } from './consumer-server.js';
import { EffectsController } from './effects/effects.controller.js';
import { EffectsService } from './effects/effects.service.js';
import { RecentEvents } from './effects/recent-events.js';
import { EventInterest } from './interest/event-interest.js';
import { InboxSweeper } from './inbox/inbox-sweeper.js';
import { inboxRetentionDays } from './inbox/inbox-environment.js';
import { HandlerRegistry } from './handlers/handler-registry.js';

import { KeyCache } from './keys/key-cache.js';
import { KeySource, profileEnvironment } from './keys/key-source.js';
import { SharedKeySource } from './keys/shared-key-source.js';
import { ConsumerEvents } from './lifecycle/consumer.events.js';
import { ConsumerWaits } from './lifecycle/consumer-waits.js';
import { measure } from './metrics/consumer.metrics.js';
import { watchSetAside } from './metrics/set-aside.metrics.js';
import { EventOpener } from './personal-data/event-opener.js';
import { HeldDataController } from './personal-data/held-data.controller.js';
import { HeldDataService } from './personal-data/held-data.service.js';
import { ReplayController } from './replay/replay.controller.js';
import type { ReplayPolicy } from './replay/replay-policy.js';
import { ReplayGate } from './replay/replay-gate.js';
import { ReplayService } from './replay/replay.service.js';
import { ReplayWatch } from './replay/replay-watch.js';
import { SetAsideService } from './set-aside/set-aside.service.js';
import { GroupRegistration } from './registration/group-registration.service.js';
import { BatchTransaction } from './runtime/batch-transaction.js';
import { type RetryPauses, retryPauses } from './set-aside/retry-schedule.js';
import { EventReader } from './runtime/event-reader.js';

/**
 * Everything a consumer needs besides its handlers: imports it, lists its handlers as controllers, adds
 * {@link consumerMigrations} to its own, and starts with `strategy: (app) => app.get(ConsumerServer)`.
 *
 * Reads DATABASE_URL (by DatabaseModule), EVENTHUBS_CONNECTION_STRING, EVENTHUB_NAME and PROFILE_URL.
 */
@Module({})
export class ConsumerModule {
  static forRoot(options: ConsumerOptions): DynamicModule {
    const { consumerGroup } = options;
    return {
      module: ConsumerModule,
      imports: [DiscoveryModule],
      controllers: [
        EffectsController,
        ConsumerAdminController,
        ParkedController,
        ControlController,
        FaultsController,
        ReplayController,
        HeldDataController,
      ],
      providers: [
        { provide: CONSUMER_OPTIONS, useValue: options },
        ConsumerEvents,
        EventInterest,
        { provide: Faults, useFactory: () => new Faults(faultsAreOn()) },
        {
          provide: ActSender,
          inject: [DataSource],
          useFactory: (database: DataSource) =>
            new ActSender(consumerGroup, database, new EventHubsSender(eventHubsSettings())),
        },
        {
          provide: AdministrativeActs,
          inject: [DataSource, ActSender],
          useFactory: (database: DataSource, sender: ActSender) =>
            new AdministrativeActs(database, () => sender.wake()),
        },
        {
          provide: PauseGate,
          inject: [DataSource],
          useFactory: (database: DataSource) => new PauseGate(consumerGroup, database),
        },
        {
          provide: ErasureConfirmer,
          inject: [DataSource, ServiceToken, ConsumerEvents],
          useFactory: (database: DataSource, token: ServiceToken, events: ConsumerEvents) =>
            new ErasureConfirmer(
              consumerGroup,
              loadEnv(profileEnvironment).PROFILE_URL,
              database,
              token,
              events,
            ),
        },
        {
          provide: BatchTransaction,
          inject: [DataSource],
          useFactory: (database: DataSource) =>
            new BatchTransaction(database, pausesOf(options), options.synchronousCommit),
        },
        GroupRegistration,
        {
          provide: KeySource,
          inject: [ServiceToken],
          useFactory: (token: ServiceToken) => new KeySource(token),
        },
        {
          provide: KeyCache,
          inject: [KeySource],
          useFactory: (source: KeySource) =>
            new KeyCache(new SharedKeySource(source), options.keyCacheSize ?? 20_000),
        },
        {
          provide: EventOpener,
          inject: [KeyCache],
          useFactory: (keys: KeyCache) => new EventOpener(keys),
        },
        {
          provide: ConsumerServer,
          inject: [
            DataSource,
            BatchTransaction,
            KeyCache,
            ConsumerEvents,
            DiscoveryService,
            ReadinessRegistry,
            PauseGate,
            Faults,
            EventInterest,
          ],
          useFactory: (...parts: ServerParts) => createServer(options, ...parts),
        },
        {
          provide: EffectsService,
          inject: [DataSource, ConsumerEvents],
          useFactory: (database: DataSource, events: ConsumerEvents) =>
            new EffectsService(
              consumerGroup,
              database,
              new RecentEvents(options.recentEvents ?? 20_000),
              events,
            ),
        },
        {
          provide: SetAsideService,
          inject: [DataSource, ConsumerServer],
          useFactory: (database: DataSource, { drainer }: ConsumerServer) =>
            new SetAsideService(database, drainer),
        },
        {
          provide: HeldDataService,
          inject: [DataSource, EventOpener],
          useFactory: (database: DataSource, opener: EventOpener) =>
            new HeldDataService(consumerGroup, database, opener, options.personalData),
        },
        {
          provide: ReplayService,
          inject: [DataSource, ConsumerServer],
          useFactory: (database: DataSource, server: ConsumerServer) =>
            new ReplayService({
              consumerGroup,
              policy: policyOf(options),
              rebuild: options.rebuild,
              settings: eventHubsSettings(),
              database,
              server,
            }),
        },
        {
          provide: ConsumerStatusService,
          inject: [DataSource, ConsumerServer],
          useFactory: (database: DataSource, server: ConsumerServer) =>
            new ConsumerStatusService(consumerGroup, database, server),
        },
        {
          provide: ConsumerWaits,
          inject: [ConsumerServer, EffectsService, DataSource],
          useFactory: (server: ConsumerServer, effects: EffectsService, database: DataSource) =>
            new ConsumerWaits(consumerGroup, server, effects, database),
        },
      ],
      exports: [
        ConsumerServer,
        ConsumerEvents,
        ConsumerWaits,
        EffectsService,
        KeyCache,
        EventInterest,
        EventOpener,
        GroupRegistration,
        AdministrativeActs,
      ],
    };
  }
}

type ServerParts = [
  DataSource,
  BatchTransaction,
  KeyCache,
  ConsumerEvents,
  DiscoveryService,
  ReadinessRegistry,
  PauseGate,
  Faults,
  EventInterest,
];

function createServer(
  options: ConsumerOptions,
  ...[dataSource, transaction, keys, events, discovery, readiness, gate, faults, interest]: ServerParts
): ConsumerServer {
  keepHandlerErrors(discovery);
  const registry = new HandlerRegistry();
  const reader = new EventReader(registry, keys, options.onUnreadable);
  const server = new ConsumerServer({
    ...options,
    settings: eventHubsSettings(),
    store: new PostgresCheckpointStore(urlOf(dataSource)),
    parts: { registry, reader, transaction, positions: dataSource, keys, events, gate, interest },
    database: dataSource,
    faults,
    handlerTimeoutMs: options.handlerTimeoutMs ?? 30_000,
    pauses: pausesOf(options),
    replays: new ReplayGate(options.consumerGroup, policyOf(options)),
    replayWatch: new ReplayWatch(options.consumerGroup, dataSource, options.rebuild),
    inboxSweeper: new InboxSweeper(dataSource, {
      consumerGroup: options.consumerGroup,
      retentionMs: (options.inboxRetentionDays ?? inboxRetentionDays()) * 86_400_000,
    }),
  });
  const heads = () => server.heads();
  measure({ group: options.consumerGroup, processor: server.processor, heads }, events);
  watchSetAside({ group: options.consumerGroup, database: dataSource });
  readiness.register('stream', () => {
    if (!server.running) throw new Error('the Event Hubs engine has not been reached');
  });
  return server;
}

function policyOf({ onReplay = 'reapply', rebuild }: ConsumerOptions): ReplayPolicy {
  if ((onReplay === 'rebuild') !== (rebuild !== undefined)) {
    throw new Error(`onReplay: 'rebuild' and \`rebuild\` are told together or not at all`);
  }
  return onReplay;
}

const pausesOf = ({ retryPausesMs }: ConsumerOptions): RetryPauses => retryPausesMs ?? retryPauses;

function urlOf({ options }: DataSource): string {
  if (options.type !== 'postgres' || !options.url) throw new Error('the consumer needs a PostgreSQL URL');
  return options.url;
}
