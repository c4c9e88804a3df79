import type { Destination } from '../../service-bus/entities.js';
import { send } from '../../service-bus/sending.js';
import type { Bus } from '../../service-bus/bus.js';
import { errorOf } from '../errors.js';
import type { Delivery, LinkContext, ServerLink } from '../links/server-link.js';
import { readNewMessages } from './new-message.js';

/** A client sends to a queue or topic here. What it sends is accepted once it is durable, all of it or nothing. */
export class QueueSenderLink implements ServerLink {
  readonly maxBytes: number;
  private unanswered = 0;
  private allAnswered: (() => void) | undefined;

  constructor(
    private readonly context: LinkContext,
    readonly needs: ServerLink['needs'] & object,
    private readonly bus: Bus,
    private readonly destination: Destination,
  ) {
    this.maxBytes = context.limits.maxQueueMessageBytes;
  }

  received(message: Buffer, format: number, delivery: Delivery): void {
    void this.store(message, format, delivery);
  }

  answered(): Promise<void> {
    return new Promise((resolve) => {
      if (this.unanswered === 0) resolve();
      else this.allAnswered = resolve;
    });
  }

  dispose(): void {
    // What is on its way to the disk stays: the client will not learn of it, and sends it again.
  }

  private async store(message: Buffer, format: number, delivery: Delivery): Promise<void> {
    this.context.unacknowledged(message.length);
    this.unanswered++;
    try {
      await send(this.bus, this.destination, readNewMessages(message, format));
      delivery.accept();
    } catch (error) {
      const refusal = errorOf(error);
      if (refusal.condition === 'amqp:internal-error')
        this.context.log.error(`${this.destination.name}: ${String(error)}`);
      delivery.reject(refusal);
    } finally {
      this.context.unacknowledged(-message.length);
      if (--this.unanswered === 0) this.allAnswered?.();
    }
  }
}
