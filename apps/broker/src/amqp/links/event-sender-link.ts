import type { EventHub, Partition } from '../../engine/event-hub.js';
import { partitionKeyIn, StampedEvent } from '../annotations.js';
import { errorOf } from '../errors.js';
import { layoutOf, splitBatch } from '../wire/messages.js';
import type { Delivery, LinkContext, ServerLink } from './server-link.js';

/** §3 of Azure's contracts: a message of this format holds others, one a data section. */
const BATCH_FORMAT = 0x80013700;

/** A client sends events here. Each message is accepted once its events are durable, all of them or none. */
export class EventSenderLink implements ServerLink {
  constructor(
    private readonly context: LinkContext,
    readonly needs: ServerLink['needs'] & object,
    private readonly hub: EventHub,
    /** Set where the client sends to one partition. */
    private readonly partition: Partition | undefined,
  ) {}

  received(message: Buffer, format: number, delivery: Delivery): void {
    let sent: ReturnType<typeof readEvents>;
    try {
      sent = readEvents(message, format);
    } catch (error) {
      this.refuse(delivery, error);
      return;
    }
    const partition = this.partition ?? this.hub.partitionFor(sent.key);
    void this.store(partition, sent.events, message.length, delivery);
  }

  dispose(): void {
    // What is on its way to the disk stays: the client will not learn of it, and sends it again.
  }

  private async store(
    partition: Partition,
    events: readonly StampedEvent[],
    bytes: number,
    delivery: Delivery,
  ): Promise<void> {
    this.context.unacknowledged(bytes);
    try {
      await partition.log.append(events);
      delivery.accept();
    } catch (error) {
      this.refuse(delivery, error);
    } finally {
      this.context.unacknowledged(-bytes);
    }
  }

  private refuse(delivery: Delivery, error: unknown): void {
    const refusal = errorOf(error);
    if (refusal.condition === 'amqp:internal-error')
      this.context.log.error(`${this.hub.name}: ${String(error)}`);
    delivery.reject(refusal);
  }
}

/** @throws WireError */
function readEvents(message: Buffer, format: number) {
  if (format !== BATCH_FORMAT) {
    const layout = layoutOf(message);
    const key = partitionKeyIn(message, layout.annotations);
    return { events: [new StampedEvent(message, layout, key)], key };
  }
  const { messages, annotations } = splitBatch(message);
  const key = partitionKeyIn(message, annotations);
  const events = messages.map((event) => {
    const layout = layoutOf(event);
    return new StampedEvent(event, layout, key ?? partitionKeyIn(event, layout.annotations));
  });
  return { events, key };
}
