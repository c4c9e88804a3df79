import { setImmediate } from 'node:timers/promises';
import { Claims } from '../auth/claims.js';
import { errorOf, unauthorized } from './errors.js';
import { ExpiryWatch, MAX_TIMER_MS } from './expiry-watch.js';
import { LinkRefused } from './links/link-refused.js';
import { addressOf, openIncoming, openOutgoing } from './links/open-link.js';
import { ReplyLink } from './links/reply-link.js';
import type { LinkContext, ServerLink } from './links/server-link.js';
import { hookFrames } from './frame-hooks.js';
import { IncomingTransfers } from './incoming-transfers.js';
import type { ReceiveBudget } from './receive-budget.js';
import { ReceivedBytes } from './received-bytes.js';
import {
  connectionOf,
  type AmqpError,
  type Connection,
  type EventContext,
  type Receiver,
  type Sender,
  type Session,
} from './rhea.js';
import { LockedTransferWriter } from './service-bus/locked-transfer-writer.js';
import { UnsettledDeliveries } from './service-bus/unsettled.js';
import { TransferWriter } from './links/transfer-writer.js';
import type { GuardedSocket } from './wire/guarded-socket.js';
import type { TransferFrame } from './wire/transfer-frame.js';
import type { WireError } from './wire/wire-error.js';

export interface ConnectionOptions extends Pick<
  LinkContext,
  'engine' | 'keys' | 'limits' | 'log' | 'blocks'
> {
  /** Shared by all connections. */
  readonly received: ReceiveBudget;
  /** Says what a client did wrong. */
  warn(message: string): void;
  /** The client put a valid token. */
  authenticated(): void;
}

/** Who wants to hear from the engine more often than twice in this time is refused. */
const MIN_IDLE_MS = 500;

/**
 * One client. rhea keeps the protocol's state; this class decides what may be opened, hands messages to the
 * links, and holds the connection to its limits.
 *
 *   connected ──valid token──▶ authenticated ──close, error, silence, socket gone──▶ closed
 *       └──none in time──▶ closed
 */
export class ClientConnection {
  private readonly links = new Map<Sender | Receiver, ServerLink>();
  private readonly incoming: IncomingTransfers;
  private readonly context: LinkContext;
  private readonly deadline: NodeJS.Timeout;
  private closeTimer: NodeJS.Timeout | undefined;
  private readonly expiry: ExpiryWatch;
  private authenticated = false;
  private readonly received: ReceivedBytes;
  private readonly unsettled = new WeakMap<Session, UnsettledDeliveries>();

  constructor(
    private readonly connection: Connection,
    private readonly socket: GuardedSocket,
    private readonly options: ConnectionOptions,
  ) {
    const { limits } = options;
    this.received = new ReceivedBytes(limits, socket, options.received, (error) => this.close(error));
    const claims = new Claims();
    this.expiry = new ExpiryWatch(claims, (now) => this.expireLinks(claims, now));
    this.context = {
      ...options,
      claims,
      sessions: new Map(),
      authenticated: () => {
        this.authenticated = true;
        options.authenticated();
        clearTimeout(this.deadline);
        this.expiry.start();
      },
      writerFor: (link) => new TransferWriter(link, (bytes, done) => socket.write(bytes, done)),
      lockedWriterFor: (link) => new LockedTransferWriter(link, (bytes) => socket.write(bytes)),
      unsettledOf: (session) => this.unsettledOf(session),
      reply: (link, replyTo, message) => this.reply(link, replyTo, message),
      unacknowledged: (bytes) => this.received.unacknowledged(bytes),
      hasRoom: () => socket.hasRoom(limits.maxBacklogBytes),
    };
    this.deadline = setTimeout(() => {
      this.close({ condition: 'amqp:unauthorized-access', description: 'No valid token was put in time.' });
    }, limits.authenticateMs);
    this.incoming = new IncomingTransfers(connection, {
      limits,
      write: (bytes) => socket.write(bytes),
      sinkOf: (link) => this.links.get(link),
      arriving: (bytes) => this.received.arriving(bytes),
    });
    this.listen();
    hookFrames(connection, {
      limits,
      mayBegin: (open) => open < (this.authenticated ? limits.maxSessions : limits.maxLinksBeforeToken),
      mayAttach: () =>
        this.links.size < (this.authenticated ? limits.maxLinksPerConnection : limits.maxLinksBeforeToken),
      flow: (session) => this.pumpAll(session),
      disposition: (session, disposition) => this.unsettled.get(session)?.take(disposition),
      broken: (error) => this.broken(error),
    });
  }

  /** Says `close` with an error and ends the socket, whether the client answers or not. */
  close(error: AmqpError): void {
    if (this.closeTimer !== undefined) return;
    this.closeTimer = setTimeout(() => this.socket.destroy(), this.options.limits.closeMs);
    if (this.connection.is_open()) this.connection.close({ ...error });
    else this.socket.destroy();
  }

  /** The socket is gone: nothing of this client stays. */
  gone(): void {
    clearTimeout(this.deadline);
    clearTimeout(this.closeTimer);
    this.expiry.stop();
    this.dropLinks(() => true);
    this.received.leave();
  }

  private listen(): void {
    const { connection, socket } = this;
    connection.on('connection_open', () => this.opened());
    connection.on('receiver_open', ({ receiver }: EventContext) => this.open(receiver as Receiver));
    connection.on('sender_open', ({ sender }: EventContext) => this.open(sender as Sender));
    for (const event of ['receiver_close', 'sender_close']) {
      connection.on(event, ({ receiver, sender }: EventContext) => {
        this.dropLinks((link) => link === (receiver ?? sender));
      });
    }
    connection.on('session_close', ({ session }: EventContext) => {
      this.dropLinks((link) => link.session === session);
    });
    connection.on('protocol_error', (error: Error) => this.broken(error));
    connection.on('error', (error: Error) => this.broken(error));
    // rhea asks for these to be heard; the socket's own end is what counts here.
    for (const event of ['connection_close', 'connection_error', 'disconnected'])
      connection.on(event, () => undefined);
    socket.on('violation', ({ condition, message }: WireError) => {
      this.options.warn(`client ${socket.remoteAddress} closed: ${message}`);
      this.close({ condition, description: message });
    });
    socket.on('transfer', (frame: TransferFrame) => this.transfer(frame));
    // rhea hears of frames that are not transfers only; a client that sends is not silent.
    socket.on('heard', () => connectionOf(connection).heartbeat_in?.refresh());
    socket.on('drain', () => this.pumpAll());
  }

  /** §2.4.5: rhea sends an empty frame each half of the client's idle time-out, with a timer that overflows. */
  private opened(): void {
    this.socket.opened = true;
    const { remote } = connectionOf(this.connection);
    const wanted = remote.open.idle_time_out ?? 0;
    if (wanted === 0) return;
    if (wanted < MIN_IDLE_MS) throw new Error(`an idle time-out of ${wanted} ms is too short`);
    remote.open.idle_time_out = Math.min(wanted, MAX_TIMER_MS);
  }

  /** rhea found something wrong that the guard let through. */
  private broken(error: Error): void {
    this.options.warn(`client ${this.socket.remoteAddress} closed: ${error.message}`);
    this.socket.stopListening();
    this.close({ condition: 'amqp:not-allowed', description: error.message });
  }

  private transfer(frame: TransferFrame): void {
    try {
      this.incoming.take(frame);
    } catch (error) {
      this.broken(error as Error);
    }
  }

  private open(link: Sender | Receiver): void {
    let handler: ServerLink;
    try {
      handler = link.is_receiver()
        ? openIncoming(this.context, link as Receiver)
        : openOutgoing(this.context, link as Sender);
    } catch (error) {
      if (!(error instanceof LinkRefused)) throw error;
      link.close({ ...error.error });
      return;
    }
    this.links.set(link, handler);
    // In one write with the attach: the SDK looks for credit once, then sleeps for a second.
    if (link.is_receiver()) (link as Receiver).add_credit(this.options.limits.senderCredit);
  }

  private expireLinks(claims: Claims, now: number): void {
    for (const [link, handler] of this.links) {
      const { needs } = handler;
      if (needs === undefined || claims.allows(needs.right, needs.address, now)) continue;
      void this.expire(link, handler, needs.address);
    }
  }

  /** What is still on its way is not taken; what has been taken is answered before the link ends. */
  private async expire(link: Sender | Receiver, handler: ServerLink, address: string): Promise<void> {
    this.drop(link, handler);
    await handler.answered?.();
    await setImmediate(); // outcomes of one turn are said together, at its end
    if (link.is_open()) link.close({ ...unauthorized(`The token for '${address}' has expired.`) });
  }

  /**
   * To the link of that name, as the JavaScript client has it, or with that address as its target; without
   * `reply-to` to the link of the same session with the request's address as its source.
   */
  private reply({ session, target }: Receiver, replyTo: string | undefined, message: Buffer): void {
    const open = [...this.links].filter(([link]) => link.is_sender());
    const [, found] =
      replyTo === undefined
        ? (open.find(([link]) => link.session === session && addressOf(link.source) === addressOf(target)) ??
          [])
        : (open.find(([{ name }]) => name === replyTo) ??
          open.find(([link]) => addressOf(link.target) === replyTo) ??
          []);
    if (found instanceof ReplyLink) found.reply(message);
  }

  private unsettledOf(session: Session): UnsettledDeliveries {
    let deliveries = this.unsettled.get(session);
    if (deliveries === undefined) {
      deliveries = new UnsettledDeliveries(session, (bytes) => this.socket.write(bytes), errorOf);
      this.unsettled.set(session, deliveries);
    }
    return deliveries;
  }

  /** A flow may open a session's window without naming a link: every reader of the session looks again. */
  private pumpAll(session?: Session): void {
    for (const [link, handler] of this.links) {
      if (session === undefined || link.session === session) handler.pump?.();
    }
  }

  private dropLinks(which: (link: Sender | Receiver) => boolean): void {
    for (const [link, handler] of this.links) if (which(link)) this.drop(link, handler);
  }

  private drop(link: Sender | Receiver, handler: ServerLink): void {
    this.links.delete(link);
    if (link.is_receiver()) this.incoming.drop(link as Receiver);
    handler.dispose();
  }
}
