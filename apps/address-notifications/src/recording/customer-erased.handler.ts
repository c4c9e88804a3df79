import type { ConsumerContext } from '@app/consumer';
import type { EventType, OpenedEvent } from '@app/contracts';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { withdrawNotifications } from './withdraw-notifications.js';

@Controller()
export class CustomerErasedHandler {
  /** Who has been erased gets no more mail, and nothing is kept of what it would have said. */
  @EventPattern<EventType>('CustomerErased')
  async handle(@Payload() { subject }: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
    if (subject !== undefined) await withdrawNotifications(manager, subject);
  }
}
