import { ALL_TYPES, type ConsumerContext, EventBatchPattern, EventInterest } from '@app/consumer';
import type { CustomerEvent } from '@app/contracts';
import { SparingLog } from '@app/event-hubs';
import { Controller, Inject, Logger } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import type { GridEvent } from '../domain/event.js';
import { SubscriptionSet } from '../subscriptions/subscription-set.js';
import { forgetCustomer } from './forget-customer.js';
import { attributesOf } from './grid-event-of.js';
import { Matcher } from './matcher.js';
import { writeDeliveries } from './write-deliveries.js';

/**
 * Events of the stream, sealed, of the types that subscriptions name: who wants one gets a delivery, in the transaction that
 * moves the position.
 */
@Controller()
export class StreamHandler {
  private readonly log = new SparingLog(new Logger('Stream'));

  constructor(
    private readonly matcher: Matcher,
    private readonly clock: Clock,
    interest: EventInterest,
    subscriptions: SubscriptionSet,
    @Inject(DataSource) database: DataSource,
  ) {
    interest.follow(() => subscriptions.typesWanted(database));
  }

  @EventBatchPattern(ALL_TYPES, { opened: false })
  async take(
    @Payload() payload: readonly CustomerEvent<unknown>[],
    @Ctx() context: ConsumerContext,
  ): Promise<void> {
    const { manager, rawEvents } = context;
    const events: GridEvent[] = [];
    for (const [index, raw] of rawEvents.entries()) {
      const { type, subject, id } = raw.attributes;
      if (type === 'CustomerErased' && subject !== undefined) await forgetCustomer(manager, subject);
      const data = payload[index]?.data;
      // A push is an effect outside: off in a replay, unless it was asked for.
      if (!context.wantsEffectsOf(raw)) continue;
      if (data === undefined && raw.body.length > 0)
        this.log.warn(`event ${id} is not pushed: its data is not JSON`);
      else events.push({ attributes: attributesOf(raw), data });
    }
    await writeDeliveries(manager, await this.matcher.match(manager, events), this.clock.now());
  }
}
