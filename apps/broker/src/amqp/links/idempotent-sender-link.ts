import type { EventHub, Partition } from '../../engine/event-hub.js';
import type { OpenProducer } from '../../engine/producers.js';
import { argumentError, errorOf } from '../errors.js';
import { IDEMPOTENT_PRODUCER, PRODUCER_EPOCH, PRODUCER_ID, PRODUCER_SEQUENCE } from '../producer-marks.js';
import { linkOf, types, type Receiver } from '../rhea.js';
import { readNumberedEvents } from '../sent-events.js';
import { EventSenderLink } from './event-sender-link.js';
import { LinkRefused } from './link-refused.js';
import type { Delivery, LinkContext, ServerLink } from './server-link.js';

const MAX_EPOCH = 2 ** 15 - 1;
const MAX_SEQUENCE = 2 ** 31 - 1;

/** An idempotent producer sends events to one partition here: an event that it repeats is stored once. */
export class IdempotentSenderLink extends EventSenderLink {
  /** A send waits for the one before, with its events as they came. */
  override readonly copies = false;
  private readonly producer: OpenProducer;

  /** @throws LinkRefused */
  constructor(
    context: LinkContext,
    needs: ServerLink['needs'] & object,
    hub: EventHub,
    private readonly numbered: Partition,
    link: Receiver,
  ) {
    super(context, needs, hub, numbered);
    this.producer = open(numbered, link);
    const { attach } = linkOf(link).local;
    attach.offered_capabilities = [IDEMPOTENT_PRODUCER];
    attach.properties = {
      [PRODUCER_ID]: types.wrap_long(this.producer.id),
      [PRODUCER_EPOCH]: types.wrap_short(this.producer.epoch),
      [PRODUCER_SEQUENCE]: types.wrap_int(this.producer.lastSequence),
    };
  }

  override received(message: Buffer, format: number, delivery: Delivery): void {
    let sent: ReturnType<typeof readNumberedEvents>;
    try {
      sent = readNumberedEvents(message, format, this.producer);
    } catch (error) {
      this.refuse(delivery, error);
      return;
    }
    const { events, first } = sent;
    const { producers, log } = this.numbered;
    const stored = producers.append(this.producer, first, events.length, (leaveOut) =>
      log.append(leaveOut === 0 ? events : events.slice(leaveOut)),
    );
    void this.settle(stored, message.length, delivery);
  }

  override dispose(): void {
    this.producer.close();
  }
}

/** @throws LinkRefused */
function open({ producers }: Partition, link: Receiver): OpenProducer {
  const claim = {
    id: numberIn(link, PRODUCER_ID, 0, Number.MAX_SAFE_INTEGER),
    epoch: numberIn(link, PRODUCER_EPOCH, 0, MAX_EPOCH),
    lastSequence: numberIn(link, PRODUCER_SEQUENCE, -1, MAX_SEQUENCE),
  };
  try {
    return producers.open(claim, ({ condition, message }) => link.close({ condition, description: message }));
  } catch (error) {
    throw new LinkRefused(errorOf(error));
  }
}

/** @throws LinkRefused */
function numberIn(link: Receiver, property: string, min: number, max: number): number | undefined {
  const value: unknown = link.properties?.[property];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new LinkRefused(argumentError(`'${property}' must be a whole number from ${min} to ${max}.`));
}
