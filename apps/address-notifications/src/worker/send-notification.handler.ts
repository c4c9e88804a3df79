import { sendNotification, sendNotificationSchema } from '@app/contracts';
import { DeadLetterError, PauseQueueError, SERVICE_BUS, ServiceBusContext } from '@app/service-bus';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { NotificationWorker } from './notification-worker.js';

/** What a person reads who looks at the dead letter. */
const refused = {
  unreadable: 'its data is not that of an event this worker knows, or does not open with the customer’s key',
};

@Controller()
export class SendNotificationHandler {
  constructor(private readonly worker: NotificationWorker) {}

  @MessagePattern(sendNotification, SERVICE_BUS)
  async handle(@Payload() payload: unknown, @Ctx() context: ServiceBusContext): Promise<void> {
    const { success, data: command, error } = sendNotificationSchema.safeParse(payload);
    if (!success) {
      const places = error.issues.map(({ path }) => `/${path.join('/')}`).join(', ');
      throw new DeadLetterError('malformed', `not a SendNotification as libs/contracts has it: ${places}`);
    }
    const result = await this.worker.carryOut(command, context.deliveryCount);
    if (result.outcome === 'done') return;
    const { outcome, reason } = result;
    if (outcome === 'unavailable') throw new PauseQueueError(`notifications wait: ${reason}`);
    if (outcome === 'retry') throw new Error(`refused for now: ${reason}`);
    const text = refused[reason as keyof typeof refused] ?? `the mail server refused it: ${reason}`;
    throw new DeadLetterError(reason, text);
  }
}
