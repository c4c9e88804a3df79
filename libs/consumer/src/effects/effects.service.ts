import { EventEmitter } from 'node:events';
import { pause, type StatementRunner } from '@app/event-hubs';
import type { OnModuleDestroy } from '@nestjs/common';
import { Problem } from '@app/service-defaults';
import { inboxKey } from '../inbox/inbox-key.js';
import type { ConsumerEvents, Progress } from '../lifecycle/consumer.events.js';
import { type EventPlace, findEffect, type StoredEffect } from './find-effect.js';
import type { RecentEvents } from './recent-events.js';

export interface Effect {
  eventId: string;
  consumerGroup: string;
  state: StoredEffect['state'];
  /** When it came to this; unknown for an event that was ignored before this process began. */
  at?: string;
  /** Of an event that is set aside: the customer's events that wait behind it. */
  waitingBehind?: number;
}

/** What the asker knows of the event besides its id. */
export interface EffectHints {
  place?: EventPlace | undefined;
  /** The platform's own unless told. */
  source?: string | undefined;
}

/** Another replica may own the partition, and says nothing to this process: the database is looked at so often. */
const lookEveryMs = 1_000;
const maxWaiting = 5_000;
/** States that are still to change by themselves. */
const unsettled: ReadonlySet<string> = new Set<StoredEffect['state']>(['pending', 'retrying']);

/** Answers what a consumer has made of an event, and lets callers wait for it without polling. */
export class EffectsService implements OnModuleDestroy {
  private readonly waiting = new EventEmitter();
  private readonly waiters = new Set<AbortController>();
  private closing = false;
  private generation = 1;

  constructor(
    private readonly consumerGroup: string,
    private readonly database: StatementRunner,
    private readonly recent: RecentEvents,
    events: ConsumerEvents,
  ) {
    this.waiting.setMaxListeners(0);
    events.on('batchCommitted', (progress) => this.note(progress));
    events.on('batchSkipped', (progress) => this.note(progress));
    events.on('redriven', ({ applied, ignored }) => {
      this.noteApplied(applied);
      this.noteIgnored(ignored);
    });
    events.on('setAside', ({ eventId }) => this.waiting.emit(eventId));
  }

  /** Whoever waits is answered now: the service could not close its port before. */
  onModuleDestroy(): void {
    this.closing = true;
    for (const waiter of this.waiters) waiter.abort();
  }

  /** Answers as soon as the event is past pending, or what is so after `waitMs`. */
  async effectOf(eventId: string, waitMs: number, hints: EffectHints = {}): Promise<Effect> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const effect = await this.look(eventId, hints);
      const left = deadline - performance.now();
      if (!unsettled.has(effect.state) || left <= 0 || this.closing) return effect;
      await this.noted(eventId, Math.min(left, lookEveryMs));
    }
  }

  private async look(eventId: string, { place, source }: EffectHints): Promise<Effect> {
    const { consumerGroup } = this;
    const key = inboxKey(eventId, source);
    const { effect, generation } = await findEffect(this.database, consumerGroup, key, place);
    // A replay reads again what passed here: any replica may have begun it.
    if (generation > this.generation) this.recent.clear();
    this.generation = generation;
    // Who saw the event pass knows what the database does not: without its place or source anything, with it the time.
    const found = 'at' in effect ? effect : (this.recent.get(eventId) ?? effect);
    return {
      eventId,
      consumerGroup,
      ...found,
      ...('at' in found && { at: found.at.toISOString() }),
    } as Effect;
  }

  private note({ applied, duplicates, dropped, ignored }: Progress): void {
    this.noteIgnored(ignored);
    this.noteApplied(applied);
    this.tell([...duplicates, ...dropped]);
  }

  private noteIgnored(ids: readonly string[]): void {
    this.recent.add(ids, 'ignored', new Date());
    this.tell(ids);
  }

  private noteApplied(ids: readonly string[]): void {
    this.recent.add(ids, 'applied', new Date());
    this.tell(ids);
  }

  private tell(ids: readonly string[]): void {
    if (this.waiters.size === 0) return;
    for (const id of ids) this.waiting.emit(id);
  }

  /** Until this process has dealt with the event, or the time is up. */
  private async noted(eventId: string, timeoutMs: number): Promise<void> {
    if (this.waiters.size >= maxWaiting) {
      throw new Problem(503, 'too-many-waiting', 'Too many callers wait for effects: ask without wait.', {
        headers: { 'retry-after': '1' },
      });
    }
    const waiter = new AbortController();
    const wake = () => waiter.abort();
    this.waiters.add(waiter);
    this.waiting.once(eventId, wake);
    try {
      if (!this.recent.get(eventId)) await pause(timeoutMs, waiter.signal);
    } finally {
      this.waiters.delete(waiter);
      this.waiting.off(eventId, wake);
    }
  }
}
