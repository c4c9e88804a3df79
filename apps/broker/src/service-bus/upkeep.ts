import type { Logger } from '../logging/logger.js';
import { giveBack, deadLetter, wakeScheduled, remove } from './changes.js';
import type { MessageQueue } from './message-queue.js';
import type { QueuedMessage } from './queued-message.js';
import type { Bus } from './bus.js';

/** After an operation that the disk refused, it is tried again. */
const AGAIN_MS = 1_000;
/** Messages of one operation at most. */
const AT_ONCE = 1_000;

/** What happens by itself: locks and lives that end, scheduled messages whose time has come. */
export class Upkeep {
  private readonly alarms = new Map<MessageQueue, { time: number; callOff: () => void }>();
  private stopped = false;

  constructor(
    private readonly bus: Bus,
    private readonly log: Logger,
  ) {}

  /** To be called when a deadline of the queue may be nearer than before. */
  watch(queue: MessageQueue): void {
    const { nextDeadline: time } = queue;
    if (time !== undefined && queue.declared) this.set(queue, time);
  }

  stop(): void {
    this.stopped = true;
    for (const { callOff } of this.alarms.values()) callOff();
    this.alarms.clear();
  }

  private set(queue: MessageQueue, time: number): void {
    const alarm = this.alarms.get(queue);
    if (this.stopped || (alarm !== undefined && alarm.time <= time)) return;
    alarm?.callOff();
    const callOff = this.bus.clock.at(time, () => {
      this.alarms.delete(queue);
      void this.run(queue);
    });
    this.alarms.set(queue, { time, callOff });
  }

  private async run(queue: MessageQueue): Promise<void> {
    const now = this.bus.clock.now();
    const due = queue.due(now);
    this.watch(queue);
    const locks = due.filter(({ lock }) => lock !== undefined && lock.until <= now);
    const free = due.filter(({ lock }) => lock === undefined);
    const scheduled = free.filter(({ scheduledFor }) => scheduledFor !== undefined && scheduledFor <= now);
    const expired = free.filter(
      ({ scheduledFor, expiresAt }) => scheduledFor === undefined && expiresAt <= now,
    );
    const work: Promise<void>[] = [];
    const inParts = (messages: QueuedMessage[], what: (part: QueuedMessage[]) => Promise<void>) => {
      for (let at = 0; at < messages.length; at += AT_ONCE) work.push(what(messages.slice(at, at + AT_ONCE)));
    };
    inParts([...new Set(locks)], (part) => giveBack(this.bus, queue, part, { counted: true }));
    inParts([...new Set(scheduled)], (part) => wakeScheduled(this.bus, queue, part));
    inParts([...new Set(expired)], (part) => this.expire(queue, part));
    const results = await Promise.allSettled(work);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined || this.stopped) return;
    this.log.warn(`Service Bus: '${queue.id}' is tried again: ${String(failed.reason)}`);
    this.set(queue, this.bus.clock.now() + AGAIN_MS);
  }

  private expire(queue: MessageQueue, messages: QueuedMessage[]): Promise<void> {
    if (!queue.settings.deadLetterOnExpiry) return remove(this.bus, queue, messages);
    return deadLetter(this.bus, queue, messages, {
      reason: 'TTLExpiredException',
      description: 'The message expired and was dead lettered.',
    });
  }
}
