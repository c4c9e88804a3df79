import { Heap } from './heap.js';
import type { QueuedMessage } from './queued-message.js';

/** Who holds a session: one link. */
export interface SessionHolder {
  /** The lock has expired: nothing more of the session is given to it. */
  lost(): void;
}

/** Messages of one session are given to one holder at a time, in order. */
export class Session {
  readonly ready = new Heap<QueuedMessage>(({ sequence }) => sequence);
  holder: SessionHolder | undefined;
  /** Milliseconds since 1970. */
  lockedUntil = 0;
  /** What its holder has locked and not settled. */
  readonly locked = new Set<QueuedMessage>();
  /** Ends the watch over the lock. */
  callOff: (() => void) | undefined;
  /** What its receivers have kept, in base64. */
  state: string | null = null;
  /** Messages that are there, in whatever state. */
  count = 0;

  constructor(readonly id: string) {}
}

/** The sessions of an entity that have messages, a state or a holder. */
export class Sessions {
  private readonly byId = new Map<string, Session>();

  of(id: string): Session {
    let session = this.byId.get(id);
    if (session === undefined) this.byId.set(id, (session = new Session(id)));
    return session;
  }

  find(id: string): Session | undefined {
    return this.byId.get(id);
  }

  get all(): Iterable<Session> {
    return this.byId.values();
  }

  /** The free session whose first message has waited for longest. */
  next(): Session | undefined {
    let next: Session | undefined;
    for (const session of this.byId.values()) {
      const first = session.ready.first?.sequence;
      if (session.holder !== undefined || first === undefined) continue;
      if (!((next?.ready.first?.sequence ?? Infinity) <= first)) next = session;
    }
    return next;
  }

  /** Nothing is kept of a session without messages, state and holder. */
  forget(session: Session): void {
    const { id, count, holder, state } = session;
    if (count === 0 && holder === undefined && state === null) this.byId.delete(id);
  }
}
