import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../logging/logger.js';
import type { Entry } from './journal.js';
import type { MessageQueue } from './message-queue.js';
import { placedOf, type QueuedMessage } from './queued-message.js';
import type { Bus } from './bus.js';

/** The journal may be so many segments long before anything is done about what is not needed any more. */
const SPARE_SEGMENTS = 4;
const PART_BYTES = 512 * 1024;
const PART_MESSAGES = 500;

/**
 * Keeps the journal at twice what the messages take, and a few segments. What is still needed of it is written anew at its
 * end: numbers, ids, rules, states, and every message with all that is known of it; then the segments before go. It is
 * an ordinary part of the journal: a crash leaves the old, or both, which say the same.
 */
export class Compaction {
  private running: Promise<void> | undefined;
  private stopped = false;
  /** Not before the journal is so long: after an attempt that could not drop anything. */
  private notBefore = 0;

  constructor(
    private readonly bus: Bus,
    private readonly segmentBytes: number,
    private readonly log: Logger,
  ) {}

  /** To be called after something was written. */
  consider(): void {
    const { journal, entities } = this.bus;
    if (this.running !== undefined || this.stopped) return;
    if (journal.bytes < SPARE_SEGMENTS * this.segmentBytes || journal.end < this.notBefore) return;
    let needed = 0;
    for (const { bytes, messages } of entities.queues.values()) needed += bytes + 256 * messages.size;
    if (journal.bytes < 2 * needed + SPARE_SEGMENTS * this.segmentBytes) return;
    this.running = this.run()
      .catch((error: unknown) => {
        this.log.warn(`Service Bus: the journal is not made shorter: ${String(error)}`);
      })
      .finally(() => {
        this.notBefore = journal.end + this.segmentBytes;
        this.running = undefined;
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    const { bus } = this;
    const { journal, entities } = bus;
    const from = journal.end;
    if (bus.pendingFacts > 0) return;
    await bus.commit(this.facts());
    const queues = [...entities.queues.values()];
    for (const queue of queues) {
      for (const part of inParts([...queue.messages.values()].filter(({ offset }) => offset < from))) {
        if (this.stopped) return;
        await this.rewrite(queue, part);
        await setImmediate();
      }
    }
    // What was busy when its turn came still stands there: the next attempt finds it.
    for (const { messages } of queues) for (const { offset } of messages.values()) if (offset < from) return;
    await journal.drop(from);
  }

  private async rewrite(queue: MessageQueue, messages: readonly QueuedMessage[]): Promise<void> {
    const bodies = await this.bus.journal.read(messages.map(({ offset }) => offset));
    const entries: Entry[] = [];
    const written: QueuedMessage[] = [];
    messages.forEach((message, i) => {
      if (message.busy || queue.messages.get(message.sequence) !== message) return;
      const operation = { op: 'put' as const, to: [placedOf(queue.id, message)] };
      const body = bodies[i] as Buffer;
      entries.push({ operation, message: body });
      written.push(message);
    });
    const offsets = await this.bus.journal.append(entries);
    written.forEach((message, i) => (message.offset = offsets[i] as number));
  }

  private facts(): Entry[] {
    const { entities, clock } = this.bus;
    const entries: Entry[] = [];
    for (const { id, nextSequence, sessions } of entities.queues.values()) {
      if (nextSequence > 1) entries.push({ operation: { op: 'next', e: id, s: nextSequence } });
      for (const session of sessions.all) {
        if (session.state === null) continue;
        entries.push({ operation: { op: 'session', e: id, id: session.id, state: session.state } });
      }
    }
    for (const { id, duplicates } of entities.destinations.values()) {
      const ids = duplicates?.entries(clock.now()) ?? [];
      for (let at = 0; at < ids.length; at += 1_000)
        entries.push({ operation: { op: 'ids', e: id, m: ids.slice(at, at + 1_000) } });
    }
    for (const [id, { rules, declaredRules }] of entities.subscriptions) {
      if (rules !== declaredRules) entries.push({ operation: { op: 'rules', e: id, rules } });
    }
    return entries;
  }
}

function* inParts(messages: readonly QueuedMessage[]): Iterable<QueuedMessage[]> {
  let part: QueuedMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    part.push(message);
    bytes += message.bytes;
    if (bytes < PART_BYTES && part.length < PART_MESSAGES) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}
