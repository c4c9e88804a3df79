import { giveBack } from './changes.js';
import { sessionLockLost, ServiceBusError } from './errors.js';
import type { MessageQueue } from './message-queue.js';
import type { Held } from './receiving.js';
import type { Bus } from './bus.js';
import type { Session, SessionHolder } from './sessions.js';

export const cannotBeLocked = (id: string): ServiceBusError =>
  new ServiceBusError(
    'com.microsoft:session-cannot-be-locked',
    `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
    410,
  );

/**
 * Gives a session to a holder: the one that is named, or the free one whose message has waited for longest.
 * @returns undefined where none is free that has messages
 * @throws ServiceBusError the one that is named has another holder
 */
export function hold(
  bus: Bus,
  queue: MessageQueue,
  id: string | undefined,
  holder: SessionHolder,
): Session | undefined {
  if (id !== undefined && queue.sessions.find(id)?.holder !== undefined) throw cannotBeLocked(id);
  const session = id === undefined ? queue.sessions.next() : queue.sessions.of(id);
  if (session === undefined) return undefined;
  session.holder = holder;
  session.lockedUntil = bus.clock.now() + queue.settings.lockMs;
  watch(bus, queue, session, holder);
  return session;
}

/** Holds it for as long again, and answers until when. @throws ServiceBusError */
export function renewSession(bus: Bus, queue: MessageQueue, held: NonNullable<Held>): number {
  const { session, holder } = held;
  if (session.holder !== holder || session.lockedUntil <= bus.clock.now()) throw sessionLockLost(session.id);
  session.lockedUntil = bus.clock.now() + queue.settings.lockMs;
  return session.lockedUntil;
}

/** The holder lets go: what it has not settled is there for the next one, and does not count as delivered. */
export function letGo(queue: MessageQueue, session: Session, holder: SessionHolder): void {
  if (session.holder !== holder) return;
  session.callOff?.();
  const locked = [...session.locked].filter(({ busy, lock }) => !busy && lock !== undefined);
  free(session);
  for (const message of locked) message.lock = undefined;
  queue.release(locked);
  queue.sessions.forget(session);
}

/** The lock of a session ends by itself: its messages count as delivered. */
function watch(bus: Bus, queue: MessageQueue, session: Session, holder: SessionHolder): void {
  session.callOff = bus.clock.at(session.lockedUntil, () => {
    if (session.holder !== holder) return;
    if (session.lockedUntil > bus.clock.now()) return watch(bus, queue, session, holder);
    const locked = [...session.locked].filter(({ busy, lock }) => !busy && lock !== undefined);
    free(session);
    holder.lost();
    const done = locked.length === 0 ? Promise.resolve() : giveBack(bus, queue, locked, { counted: true });
    void done.catch(() => {
      // The disk refused to count: they are free all the same.
      for (const message of locked) message.lock = undefined;
      queue.release(locked);
    });
    queue.wake();
  });
}

function free(session: Session): void {
  session.holder = undefined;
  session.locked.clear();
}
