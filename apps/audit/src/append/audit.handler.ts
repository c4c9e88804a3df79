import { ALL_TYPES, type ConsumerContext, EventBatchPattern } from '@app/consumer';
import { Controller } from '@nestjs/common';
import { Ctx } from '@nestjs/microservices';
import { compareWithAudit } from '../verify/compare-with-audit.js';
import { appendEvents } from './append-events.js';
import { auditedEventOf } from './audited-event.js';

@Controller()
export class AuditHandler {
  /**
   * Every event of any type, as it came: what is sealed stays sealed. What a replay hands over again is compared, and
   * appended only where it is missing.
   */
  @EventBatchPattern(ALL_TYPES, { opened: false })
  async append(@Ctx() context: ConsumerContext): Promise<void> {
    const events = context.rawEvents.map(auditedEventOf);
    const replayed = context.rawEvents.filter(({ replay }) => replay).map(auditedEventOf);
    if (replayed.length > 0) await context.report(await compareWithAudit(context.manager, replayed));
    await appendEvents(context.manager, Number(context.partitionId), events, Date.now());
  }
}
