import type { EventHub, Partition } from '../../engine/event-hub.js';
import { errorOf } from '../errors.js';
import { readEvents, type SentEvents } from '../sent-events.js';
import type { Delivery, LinkContext, ServerLink } from './server-link.js';

/** A client sends events here. Each message is accepted once its events are durable, all of them or none. */
export class EventSenderLink implements ServerLink {
  /** The log lays events out at once. */
  readonly copies: boolean = true;
  private unanswered = 0;
  private allAnswered: (() => void) | undefined;

  constructor(
    private readonly context: LinkContext,
    readonly needs: ServerLink['needs'] & object,
    private readonly hub: EventHub,
    /** Set where the client sends to one partition. */
    private readonly partition: Partition | undefined,
  ) {}

  received(message: Buffer, format: number, delivery: Delivery): void {
    let sent: SentEvents;
    try {
      sent = readEvents(message, format);
    } catch (error) {
      this.refuse(delivery, error);
      return;
    }
    const partition = this.partition ?? this.hub.partitionFor(sent.key);
    void this.settle(partition.log.append(sent.events), message.length, delivery);
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

  /** Accepts a message of so many bytes once its events are durable. */
  protected async settle(stored: Promise<unknown>, bytes: number, delivery: Delivery): Promise<void> {
    this.context.unacknowledged(bytes);
    this.unanswered++;
    try {
      await stored;
      delivery.accept();
    } catch (error) {
      this.refuse(delivery, error);
    } finally {
      this.context.unacknowledged(-bytes);
      if (--this.unanswered === 0) this.allAnswered?.();
    }
  }

  protected refuse(delivery: Delivery, error: unknown): void {
    const refusal = errorOf(error);
    if (refusal.condition === 'amqp:internal-error')
      this.context.log.error(`${this.hub.name}: ${String(error)}`);
    delivery.reject(refusal);
  }
}
