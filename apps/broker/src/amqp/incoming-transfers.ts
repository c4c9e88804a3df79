import type { Limits } from '../config/limits.js';
import { Dispositions } from './dispositions.js';
import { tooLarge } from './errors.js';
import type { Delivery } from './links/server-link.js';
import {
  connectionOf,
  linkOf,
  sessionOf,
  type AmqpError,
  type Connection,
  type Receiver,
  type Session,
} from './rhea.js';
import type { TransferFrame } from './wire/transfer-frame.js';

const MAX_LOOSE_PARTS = 64;

/** Takes whole messages of one link. */
export interface MessageSink {
  /** Takes small requests, not events. */
  readonly isRequest?: boolean;
  /** Has done with a message's bytes when `received` answers. */
  readonly copies?: boolean;
  /** What a message may have, where that is less than anywhere. */
  readonly maxBytes?: number;
  received?(message: Buffer, format: number, delivery: Delivery): void;
}

export interface IncomingOptions {
  readonly limits: Limits;
  readonly write: (bytes: Buffer) => void;
  /** Who takes the messages of a link; undefined for one that was refused. */
  sinkOf(link: Receiver): MessageSink | undefined;
  /** Counts the bytes of messages that have begun to arrive. */
  arriving(bytes: number): void;
}

/** What a session counts on its way in, besides what rhea does. */
interface IncomingSession {
  /** The id the next delivery must have (§2.6.12); undefined before the first. */
  nextDeliveryId: number | undefined;
  readonly dispositions: Dispositions;
}

/** The delivery of a link that is arriving. */
interface Arrival {
  deliveryId: number | undefined;
  format: number;
  settled: boolean;
  parts: Buffer[];
  /** How many of the last parts are as they came. */
  loose: number;
  bytes: number;
  /** Why the rest is not kept. */
  discarding: 'too large' | 'aborted' | undefined;
}

/**
 * Transfers of one connection on their way to the links, without rhea, whose decoding and bookkeeping cost
 * more than everything else on a message's way. rhea's counts of window and credit are kept, and it says
 * the flows.
 */
export class IncomingTransfers {
  private readonly sessions = new WeakMap<Session, IncomingSession>();
  private readonly arrivals = new WeakMap<Receiver, Arrival>();

  constructor(
    private readonly connection: Connection,
    private readonly options: IncomingOptions,
  ) {}

  /** @throws Error the client broke the protocol: its connection ends */
  take(frame: TransferFrame): void {
    const session = connectionOf(this.connection).remote_channel_map[frame.channel];
    if (session === undefined)
      throw new Error(`a transfer on channel ${frame.channel}, which has no session`);
    this.countTransfer(session);
    const link = sessionOf(session).remote.handles[frame.handle];
    if (link === undefined) throw new Error(`a transfer on handle ${frame.handle}, which has no link`);
    if (!link.is_receiver()) throw new Error('a transfer to a link that sends');
    if (!link.is_remote_open()) throw new Error('a transfer after detach');
    this.add(session, link as Receiver, frame);
  }

  /** The link is gone, and with it what was arriving. */
  drop(link: Receiver): void {
    const arrival = this.arrivals.get(link);
    if (arrival === undefined) return;
    this.options.arriving(-arrival.bytes);
    this.arrivals.delete(link);
  }

  /** §2.5.6: each transfer takes one of the window; half of it used up, rhea is asked to open it again. */
  private countTransfer(session: Session): void {
    const { incoming } = sessionOf(session);
    incoming.next_transfer_id = (incoming.next_transfer_id + 1) >>> 0;
    const left = (incoming.max_transfer_id - incoming.next_transfer_id) | 0;
    if (left < 0) throw new Error('a transfer beyond the window of its session');
    if (left < incoming.window / 2 && session.is_open()) sessionOf(session)._write_flow();
  }

  private add(session: Session, link: Receiver, frame: TransferFrame): void {
    const sink = this.options.sinkOf(link);
    const arrival = this.arrivalOn(session, link, frame, sink);
    const bytes = frame.payloadBytes;
    const { maxMessageBytes, maxRequestBytes } = this.options.limits;
    const most = sink?.maxBytes ?? (sink?.isRequest === true ? maxRequestBytes : maxMessageBytes);
    if (frame.aborted) arrival.discarding = 'aborted';
    else if (arrival.bytes + bytes > most) arrival.discarding ??= 'too large';
    if (arrival.discarding === undefined && sink !== undefined) {
      arrival.bytes += bytes;
      this.options.arriving(bytes);
      if (bytes > 0) keep(arrival, frame.payload);
    }
    if (!frame.more || frame.aborted) this.complete(session, link, arrival, sink);
  }

  private arrivalOn(
    session: Session,
    link: Receiver,
    frame: TransferFrame,
    sink: MessageSink | undefined,
  ): Arrival {
    const { deliveryId } = frame;
    const current = this.arrivals.get(link);
    if (current !== undefined && current.deliveryId !== undefined) {
      if (deliveryId !== undefined && deliveryId !== current.deliveryId) {
        throw new Error(`delivery ${current.deliveryId} is not complete, and ${deliveryId} begins`);
      }
      current.settled ||= frame.settled; // §2.7.5: the last word counts
      return current;
    }
    // A client that has not read yet that its link is refused sends what is thrown away.
    if (sink !== undefined && linkOf(link).credit <= 0) throw new Error('a transfer without credit');
    const counts = this.sessionOf(session);
    if (deliveryId === undefined || deliveryId !== (counts.nextDeliveryId ?? deliveryId)) {
      throw new Error(`delivery ${deliveryId ?? 'without an id'} where ${counts.nextDeliveryId} is next`);
    }
    counts.nextDeliveryId = (deliveryId + 1) >>> 0;
    const arrival = current ?? {
      deliveryId,
      format: 0,
      settled: false,
      parts: [],
      loose: 0,
      bytes: 0,
      discarding: undefined,
    };
    arrival.deliveryId = deliveryId;
    arrival.format = frame.messageFormat;
    arrival.settled = frame.settled;
    if (current === undefined) this.arrivals.set(link, arrival);
    return arrival;
  }

  private complete(session: Session, link: Receiver, arrival: Arrival, sink: MessageSink | undefined): void {
    const { deliveryId, format, settled, parts, bytes, discarding } = arrival;
    this.options.arriving(-bytes);
    arrival.deliveryId = undefined;
    arrival.parts = [];
    arrival.loose = 0;
    arrival.bytes = 0;
    arrival.discarding = undefined;
    const counts = linkOf(link);
    counts.credit--;
    counts.delivery_count = (counts.delivery_count + 1) >>> 0;
    const { senderCredit, maxMessageBytes } = this.options.limits;
    const { dispositions } = this.sessionOf(session);
    const delivery = settled ? settledAlready : new UnsettledDelivery(dispositions, deliveryId as number);
    if (sink === undefined) {
      // It was on its way while the engine closed the link.
      if (counts.local.detach.error) delivery.reject(counts.local.detach.error);
      return;
    }
    // rhea says one flow a turn, however often it is asked.
    if (counts.credit <= senderCredit / 2) link.add_credit(senderCredit - counts.credit);
    if (discarding === 'aborted') return; // §2.7.5: as if never sent
    if (discarding !== undefined) delivery.reject(tooLarge(sink.maxBytes ?? maxMessageBytes));
    else
      sink.received?.(
        sink.copies === true ? joinedForNow(parts, bytes) : joined(parts, bytes),
        format,
        delivery,
      );
  }

  private sessionOf(session: Session): IncomingSession {
    let counts = this.sessions.get(session);
    if (counts === undefined) {
      counts = { nextDeliveryId: undefined, dispositions: new Dispositions(session, this.options.write) };
      this.sessions.set(session, counts);
    }
    return counts;
  }
}

/** A part holds an object, and the chunk of the socket it came in: small ones are put together. */
function keep(arrival: Arrival, payload: readonly Buffer[]): void {
  arrival.parts.push(...payload);
  arrival.loose += payload.length;
  if (arrival.loose < MAX_LOOSE_PARTS) return;
  arrival.parts.push(Buffer.concat(arrival.parts.splice(-arrival.loose)));
  arrival.loose = 0;
}

const joined = (parts: readonly Buffer[], bytes: number): Buffer =>
  parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, bytes);

/** Where parts of messages are put together, one message after the other. */
let joint = Buffer.alloc(0);
const MAX_JOINT_BYTES = 256 * 1024;

/** The same, good until the next message. */
function joinedForNow(parts: readonly Buffer[], bytes: number): Buffer {
  if (parts.length === 1 || bytes > MAX_JOINT_BYTES) return joined(parts, bytes);
  if (joint.length === 0) joint = Buffer.allocUnsafeSlow(MAX_JOINT_BYTES);
  let at = 0;
  for (const part of parts) at += part.copy(joint, at);
  return joint.subarray(0, at);
}

class UnsettledDelivery implements Delivery {
  constructor(
    private readonly dispositions: Dispositions,
    private readonly id: number,
  ) {}

  accept(): void {
    this.dispositions.accept(this.id);
  }

  reject(error: AmqpError): void {
    this.dispositions.reject(this.id, error);
  }
}

/** A client that sends settled wants no answer. */
const settledAlready: Delivery = { accept: () => undefined, reject: () => undefined };
