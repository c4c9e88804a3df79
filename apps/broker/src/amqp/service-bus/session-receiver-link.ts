import { hold, letGo } from '../../service-bus/holding.js';
import { ServiceBusError, sessionLockLost } from '../../service-bus/errors.js';
import type { MessageQueue } from '../../service-bus/message-queue.js';
import type { Bus } from '../../service-bus/bus.js';
import type { Session, SessionHolder } from '../../service-bus/sessions.js';
import { errorOf } from '../errors.js';
import { LinkRefused } from '../links/link-refused.js';
import type { LinkContext, ServerLink } from '../links/server-link.js';
import { linkOf, types, type Sender } from '../rhea.js';
import { QueueReceiverLink } from './queue-receiver-link.js';

export const SESSION_FILTER = 'com.microsoft:session-filter';
const LOCKED_UNTIL = 'com.microsoft:locked-until-utc';
const TIMEOUT = 'com.microsoft:timeout';
const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_TIMEOUT_MS = 600_000;
/** .NET counts 100 ns since the year 1. */
const ticks = (ms: number): bigint => BigInt(ms) * 10_000n + 621_355_968_000_000_000n;

export interface SessionReceiverOptions {
  readonly bus: Bus;
  readonly queue: MessageQueue;
  readonly mode: 'peekLock' | 'receiveAndDelete';
  readonly address: string;
  /** Undefined: whichever has messages. */
  readonly sessionId: string | undefined;
}

/**
 * A client receives a session here, alone. Where any will do and none has messages, the attach waits for one.
 *
 *   waiting ──a session──▶ attached ──lock expired, detach──▶ gone
 *      └──time-out──▶ attached and detached, com.microsoft:timeout
 */
export class SessionReceiverLink implements ServerLink, SessionHolder {
  private inner: QueueReceiverLink | undefined;
  private session: Session | undefined;
  private waiting: { unsubscribe(): void; timer: NodeJS.Timeout } | undefined;

  /** @throws LinkRefused somebody else holds the session that is wanted */
  constructor(
    private readonly context: LinkContext,
    private readonly link: Sender,
    readonly needs: ServerLink['needs'] & object,
    private readonly options: SessionReceiverOptions,
  ) {
    if (this.accept()) return;
    this.postpone();
    const unsubscribe = options.queue.onReady(() => {
      if (this.waiting === undefined || !this.accept()) return;
      this.stopWaiting();
      link.open();
      this.pump();
    });
    const timer = setTimeout(() => {
      this.stopWaiting();
      link.open();
      const description = `No session of '${options.queue.id}' had a message in time.`;
      link.close({ condition: 'com.microsoft:timeout', description });
    }, timeoutOf(link));
    this.waiting = { unsubscribe, timer };
  }

  pump(): void {
    this.inner?.pump();
  }

  lost(): void {
    const { condition, message: description } = sessionLockLost(this.session?.id ?? '');
    this.forget();
    this.inner?.end({ condition, description });
  }

  dispose(): void {
    if (this.waiting !== undefined) {
      this.stopWaiting();
      if (this.link.session.is_open()) this.link.open(); // what is detached must have been attached
    }
    this.inner?.dispose();
    const { session } = this;
    this.forget();
    if (session !== undefined) letGo(this.options.queue, session, this);
  }

  private accept(): boolean {
    const { bus, queue, mode, address, sessionId } = this.options;
    let session: Session | undefined;
    try {
      session = hold(bus, queue, sessionId, this);
    } catch (error) {
      if (error instanceof ServiceBusError) throw new LinkRefused(errorOf(error));
      throw error;
    }
    if (session === undefined) return false;
    this.session = session;
    this.context.sessions.set(keyOf(queue, session.id), { session, holder: this });
    this.link.set_source({ address, filter: { [SESSION_FILTER]: session.id } as never });
    const until = Buffer.alloc(8);
    until.writeBigInt64BE(ticks(session.lockedUntil));
    linkOf(this.link).local.attach.properties = { [LOCKED_UNTIL]: types.wrap_long(until) };
    this.inner = new QueueReceiverLink(this.context, this.link, this.needs, {
      bus,
      queue,
      mode,
      held: { session, holder: this },
    });
    return true;
  }

  /** rhea has answered the attach already, in its books: not before there is a session to name. */
  private postpone(): void {
    const { state } = linkOf(this.link);
    state.local_open = false;
    state.open_requests--;
  }

  private stopWaiting(): void {
    this.waiting?.unsubscribe();
    clearTimeout(this.waiting?.timer);
    this.waiting = undefined;
  }

  private forget(): void {
    if (this.session !== undefined) this.context.sessions.delete(keyOf(this.options.queue, this.session.id));
    this.session = undefined;
  }
}

/** What a connection knows the session by that one of its links holds. */
export const keyOf = (queue: MessageQueue, sessionId: string): string => `${queue.id}\n${sessionId}`;

function timeoutOf(link: Sender): number {
  const given: unknown = link.properties?.[TIMEOUT];
  const ms = typeof given === 'number' && given > 0 ? given : DEFAULT_TIMEOUT_MS;
  return Math.min(ms, MAX_TIMEOUT_MS);
}
