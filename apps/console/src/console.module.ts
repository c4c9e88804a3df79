import { consumerUrlsEnvironment, loadEnv } from '@app/service-defaults';
import { Module } from '@nestjs/common';
import { SeenEvents } from './domain/seen-events.js';
import { ConsumerClient } from './effects/consumer-client.js';
import { EffectsController } from './effects/effects.controller.js';
import { CONSUMERS, EffectsService } from './effects/effects.service.js';
import { StreamWatch } from './stream/stream-watch.service.js';

/** About 20 MB: the whole look-back of four partitions. */
const remembered = 100_000;

@Module({
  controllers: [EffectsController],
  providers: [
    ConsumerClient,
    EffectsService,
    StreamWatch,
    { provide: SeenEvents, useFactory: () => new SeenEvents(remembered) },
    { provide: CONSUMERS, useFactory: () => loadEnv(consumerUrlsEnvironment).CONSUMER_URLS },
  ],
})
export class ConsoleModule {}
