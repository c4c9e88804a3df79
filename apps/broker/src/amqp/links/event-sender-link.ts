import type { Delivery } from 'rhea';
import type { EventHub, Partition } from '../../engine/event-hub.js';
import { partitionKeyIn, StampedEvent } from '../annotations.js';
import { errorOf } from '../errors.js';
import { layoutOf, splitBatch } from '../wire/messages.js';
import type { LinkContext, ServerLink } from './server-link.js';

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

  received(message: Buffer, format: number | undefined, delivery: Delivery): void {
    this.append(message, format).then(
      () => delivery.accept(),
      (error: unknown) => {
        const { condition, description } = errorOf(error);
        if (condition === 'amqp:internal-error') this.context.log.error(`${this.hub.name}: ${String(error)}`);
        delivery.reject({ condition, description });
      },
    );
  }

  dispose(): void {
    // What is on its way to the disk stays: the client will not learn of it, and sends it again.
  }

  private async append(message: Buffer, format: number | undefined): Promise<void> {
    const { events, key } = readEvents(message, format);
    const partition = this.partition ?? this.hub.partitionFor(key);
    this.context.unacknowledged(message.length);
    try {
      await partition.log.append(events);
    } finally {
      this.context.unacknowledged(-message.length);
    }
  }
}

/** @throws WireError */
function readEvents(message: Buffer, format: number | undefined) {
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
