import { ALL_TYPES, type ConsumerContext, EventBatchPattern } from '@app/consumer';
import { Controller } from '@nestjs/common';
import { Ctx } from '@nestjs/microservices';
import { appendEvents } from './append-events.js';
import { auditedEventOf } from './audited-event.js';

@Controller()
export class AuditHandler {
  /** Every event of any type, as it came: what is sealed stays sealed. */
  @EventBatchPattern(ALL_TYPES, { opened: false })
  async append(@Ctx() context: ConsumerContext): Promise<void> {
    const events = context.rawEvents.map(auditedEventOf);
    await appendEvents(context.manager, Number(context.partitionId), events, Date.now());
  }
}
