import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { BaseRpcContext } from '@nestjs/microservices';

export type ServiceBusContextArgs = [message: ServiceBusReceivedMessage, queue: string];

/** What a handler learns about the message that brought its command; taken with `@Ctx()`. */
export class ServiceBusContext extends BaseRpcContext<ServiceBusContextArgs> {
  /** The message as the client library received it: `messageId`, `sequenceNumber`, `applicationProperties`, `body`. */
  getMessage(): ServiceBusReceivedMessage {
    return this.args[0];
  }

  getQueue(): string {
    return this.args[1];
  }

  /** Deliveries before this one that ended without success: 0 the first time. */
  get deliveryCount(): number {
    return this.getMessage().deliveryCount ?? 0;
  }
}
