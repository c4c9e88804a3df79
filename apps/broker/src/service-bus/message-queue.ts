import type { QueueConfig } from '../config/service-bus-entities.js';
import { Heap } from './heap.js';
import type { Operation, Placed } from './operations.js';
import { messageOf, type QueuedMessage } from './queued-message.js';
import { Sessions, type Session } from './sessions.js';
import type { Place } from './journal.js';

export type QueueSettings = Omit<QueueConfig, 'duplicateWindowMs' | 'forwardTo' | 'forwardDeadLettersTo'>;

interface Deadline {
  readonly time: number;
  readonly message: QueuedMessage;
}

/** The deadlines are sorted out when there are more than so many, and most of them of messages that are gone. */
const MIN_DEADLINES = 1_000;

/**
 * A queue, a subscription, or the dead letters of either: which messages are there, in which state.
 *
 *   scheduled ──time──▶ ready ──receive──▶ locked ──complete──▶ gone
 *                         ▲                  ├──defer──▶ deferred ──receive by number──▶ locked
 *                         └──abandon, expiry─┤
 *                                            └──dead letter, the last delivery──▶ the dead letters
 *
 * What is here is what the journal says: `apply` is the only way to change it, live and at the start. In between a message
 * is `busy`: its operation is on its way to the disk.
 */
export class MessageQueue {
  readonly messages = new Map<number, QueuedMessage>();
  readonly sessions = new Sessions();
  nextSequence = 1;
  /** Of the messages that are there. */
  bytes = 0;
  /** Of those on their way to the disk. */
  arriving = { bytes: 0, count: 0 };
  private readonly ready = new Heap<QueuedMessage>(({ sequence }) => sequence);
  private readonly deadlines = new Heap<Deadline>(({ time }) => time);
  private readonly listeners = new Set<() => void>();
  /** Sequence numbers in order, for who browses; undefined once it is out of date. */
  private order: number[] | undefined;

  constructor(
    /** Lower case, with its path: what the journal calls it. */
    readonly id: string,
    readonly settings: QueueSettings,
    /** Where its dead letters go; undefined for dead letters. */
    readonly deadLetters: MessageQueue | undefined,
    /** Whether it is declared: what an entity left behind that is so no more is kept, unseen. */
    readonly declared = true,
  ) {}

  /** Called after a message may have become ready. Answers how to stop it. */
  onReady(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  wake(): void {
    for (const listener of this.listeners) listener();
  }

  /** The first ready messages, no more than given; they are busy from now on. */
  take(most: number, mostBytes: number, now: number, session?: Session): QueuedMessage[] {
    const ready = session?.ready ?? this.ready;
    const taken: QueuedMessage[] = [];
    let bytes = 0;
    while (taken.length < most) {
      const message = ready.first;
      if (message === undefined || (taken.length > 0 && bytes + message.bytes > mostBytes)) break;
      ready.pop();
      // One that has just expired is left to its deadline; one that is listed twice is ready once.
      if (!this.isReady(message) || message.expiresAt <= now) continue;
      message.busy = true;
      bytes += message.bytes;
      taken.push(message);
    }
    return taken;
  }

  get hasReady(): boolean {
    for (let first = this.ready.first; first !== undefined; first = this.ready.first) {
      if (this.isReady(first)) return true;
      this.ready.pop();
    }
    return false;
  }

  /** The operation on them is not durable and never will be. */
  release(messages: readonly QueuedMessage[]): void {
    for (const message of messages) {
      message.busy = false;
      this.list(message);
    }
    this.wake();
  }

  /** Messages in order from a sequence number on, in whatever state. */
  *from(sequence: number): Iterable<QueuedMessage> {
    this.order ??= [...this.messages.keys()].sort((a, b) => a - b);
    const { order } = this;
    let low = 0;
    for (let high = order.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((order[middle] as number) < sequence) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < order.length; at++) {
      const message = this.messages.get(order[at] as number);
      if (message !== undefined) yield message;
    }
  }

  /** When something happens by itself next, milliseconds since 1970. */
  get nextDeadline(): number | undefined {
    return this.deadlines.first?.time;
  }

  /** Messages whose deadline has come: a lock, a schedule or a life that ends. */
  due(now: number): QueuedMessage[] {
    const due: QueuedMessage[] = [];
    while ((this.deadlines.first?.time ?? Infinity) <= now) {
      const { message } = this.deadlines.pop() as Deadline;
      if (this.messages.get(message.sequence) === message && !message.busy) due.push(message);
    }
    return due;
  }

  put(placed: Placed, { offset, bytes }: Place): QueuedMessage {
    const message = messageOf(placed, offset, bytes);
    const before = this.messages.get(placed.s);
    if (before !== undefined) this.remove(placed.s); // compaction has written it anew
    this.add(message);
    return message;
  }

  add(message: QueuedMessage): void {
    this.messages.set(message.sequence, message);
    this.nextSequence = Math.max(this.nextSequence, message.sequence + 1);
    this.bytes += message.bytes;
    this.order = undefined;
    const session = message.session === undefined ? undefined : this.sessions.of(message.session);
    if (session !== undefined) session.count++;
    this.list(message);
  }

  remove(sequence: number): QueuedMessage | undefined {
    const message = this.messages.get(sequence);
    if (message === undefined) return undefined;
    this.messages.delete(sequence);
    this.bytes -= message.bytes;
    this.order = undefined;
    const session = message.session === undefined ? undefined : this.sessions.find(message.session);
    if (session !== undefined) {
      session.count--;
      this.sessions.forget(session);
    }
    return message;
  }

  /** What an operation on messages of this queue does to them. */
  apply(operation: Operation & { m: unknown }): void {
    switch (operation.op) {
      case 'lock':
        for (const [sequence, token] of operation.m)
          this.change(sequence, (message) => (message.lock = { token, until: operation.until }));
        return;
      case 'renew':
        for (const sequence of operation.m)
          this.change(sequence, ({ lock }) => lock !== undefined && (lock.until = operation.until));
        return;
      case 'done':
        for (const sequence of operation.m) this.remove(sequence);
        return;
      case 'back':
      case 'defer':
        for (const sequence of operation.m) {
          this.change(sequence, (message) => {
            message.lock = undefined;
            if (operation.op === 'defer') message.deferred = true;
            else if (operation.counted) message.deliveries++;
            message.changed = operation.c ?? message.changed;
          });
        }
        return;
      case 'wake':
        for (const [sequence, next] of operation.m) {
          const message = this.remove(sequence);
          if (message === undefined) continue;
          this.add({
            ...message,
            sequence: next,
            enqueuedAt: operation.t,
            scheduledFor: undefined,
            busy: false,
          });
        }
        return;
      default:
        throw new Error(`'${operation.op}' is no operation on the messages of one queue`);
    }
  }

  private change(sequence: number, how: (message: QueuedMessage) => unknown): void {
    const message = this.messages.get(sequence);
    if (message === undefined) return;
    how(message);
    message.busy = false;
    this.list(message);
  }

  private isReady(message: QueuedMessage): boolean {
    const { busy, lock, deferred, scheduledFor, sequence } = message;
    if (busy || lock !== undefined || deferred || scheduledFor !== undefined) return false;
    return this.messages.get(sequence) === message;
  }

  /** Puts a message where it is found when it is wanted: among the ready ones, and by its deadline. */
  private list(message: QueuedMessage): void {
    if (this.isReady(message)) {
      const { session } = message;
      (this.settings.requiresSession && session !== undefined
        ? this.sessions.of(session).ready
        : this.ready
      ).push(message);
    }
    const time = message.lock?.until ?? message.scheduledFor ?? message.expiresAt;
    if (time === Infinity) return;
    this.deadlines.push({ time, message });
    if (this.deadlines.size <= MIN_DEADLINES + 4 * this.messages.size) return;
    this.deadlines.clear();
    for (const each of this.messages.values()) {
      const next = each.lock?.until ?? each.scheduledFor ?? each.expiresAt;
      if (next !== Infinity) this.deadlines.push({ time: next, message: each });
    }
  }
}
