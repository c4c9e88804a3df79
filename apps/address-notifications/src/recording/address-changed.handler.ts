import type { ConsumerContext } from '@app/consumer';
import type { EventType, OpenedEvent } from '@app/contracts';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { recordNotification } from './record-notification.js';

@Controller()
export class AddressChangedHandler {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() context: ConsumerContext): Promise<void> {
    await recordNotification(context.manager, event, context.effects);
  }
}
