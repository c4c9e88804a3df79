import { ConsumerModule, consumerMigrations } from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { Module } from '@nestjs/common';
import { Clock } from './clock/clock.js';
import { ClockController } from './clock/clock.controller.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { HandlerClients } from './egress/handler-clients.js';
import { Resolver, SystemResolver } from './egress/resolver.js';
import { eventGridSettings, SETTINGS } from './environment.js';
import { ExplainController } from './explain/explain.controller.js';
import { Explainer } from './explain/explainer.js';
import { Handshaker } from './handshake/handshaker.js';
import { ValidationController } from './handshake/validation.controller.js';
import { DeliveriesController } from './history/deliveries.controller.js';
import { heldDeliveries } from './history/held-deliveries.js';
import { HistorySweeper } from './history/history-sweeper.js';
import { Matcher } from './matching/matcher.js';
import { StreamHandler } from './matching/stream.handler.js';
import { eventGridMigrations } from './migrations/index.js';
import { PublishController } from './publishing/publish.controller.js';
import { SubscriptionFile } from './subscriptions/subscription-file.js';
import { SubscriptionSet } from './subscriptions/subscription-set.js';
import { SubscriptionsController } from './subscriptions/subscriptions.controller.js';
import { SubscriptionsService } from './subscriptions/subscriptions.service.js';

@Module({
  imports: [
    DatabaseModule.forRoot({ migrations: [...consumerMigrations, ...eventGridMigrations] }),
    ConsumerModule.forRoot({
      consumerGroup: 'event-grid',
      gatherMs: 50,
      personalData: heldDeliveries,
    }),
  ],
  controllers: [
    StreamHandler,
    ExplainController,
    SubscriptionsController,
    ValidationController,
    DeliveriesController,
    PublishController,
    ClockController,
  ],
  providers: [
    { provide: SETTINGS, useFactory: eventGridSettings },
    { provide: Clock, useFactory: () => Clock.fromEnvironment() },
    { provide: Resolver, useClass: SystemResolver },
    SubscriptionSet,
    SubscriptionsService,
    SubscriptionFile,
    HandlerClients,
    Handshaker,
    Matcher,
    Dispatcher,
    HistorySweeper,
    Explainer,
  ],
})
export class EventGridModule {}
