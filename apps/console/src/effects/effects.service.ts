import { type ConsumerUrls, Problem } from '@app/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Effects, effectsOf, type GroupEffect, isSettled } from '../domain/effect.js';
import { SeenEvents } from '../domain/seen-events.js';
import { ConsumerClient } from './consumer-client.js';
import { pause } from './pause.js';

export const CONSUMERS = Symbol('consumers by group');

/** A consumer that is down is asked again so often. */
const askAgainMs = 250;
/** An answer travels as well: so much longer than the wait it was asked for may a consumer take, and a second at least. */
const graceMs = 300;
const shortestTimeoutMs = 1_000;
const mostWaiting = 500;

@Injectable()
export class EffectsService {
  private readonly logger = new Logger('Effects');
  private waiting = 0;
  /** Consumers that did not answer when they were last asked: said once. */
  private readonly away = new Set<URL>();

  constructor(
    @Inject(CONSUMERS) private readonly consumers: ConsumerUrls,
    private readonly client: ConsumerClient,
    private readonly seen: SeenEvents,
  ) {}

  get groups(): string[] {
    return [...this.consumers.keys()];
  }

  /** Asks every group at once; answers when each has settled the event, or after `waitMs`. */
  async effectsOf(eventId: string, groups: readonly string[], waitMs: number): Promise<Effects> {
    if (this.waiting >= mostWaiting) {
      throw new Problem(429, 'too-many-requests', 'Too many callers wait for effects.', {
        headers: { 'retry-after': '1' },
      });
    }
    this.waiting++;
    try {
      const deadline = performance.now() + waitMs;
      const found = await Promise.all(
        groups.map(async (group) => [group, await this.effectIn(group, eventId, deadline)] as const),
      );
      return effectsOf(eventId, new Map(found));
    } finally {
      this.waiting--;
    }
  }

  private async effectIn(group: string, eventId: string, deadline: number): Promise<GroupEffect> {
    const consumer = this.consumers.get(group);
    if (!consumer) throw new Error(`${group} is no known group`);
    let effect: GroupEffect = { state: 'pending' };
    for (;;) {
      const leftMs = Math.max(deadline - performance.now(), 0);
      const asked = await this.ask(consumer, eventId, leftMs);
      if (asked !== 'unreachable' && asked !== 'now seen') effect = asked;
      if (isSettled(effect) || deadline <= performance.now()) return effect;
      // Seen meanwhile: ask again at once, with its place. Otherwise the consumer was down, or answered early.
      if (asked !== 'now seen') await pause(Math.min(askAgainMs, deadline - performance.now()));
    }
  }

  /** One question, given up when the event appears on the stream: with its place, a consumer knows more. */
  private async ask(
    consumer: URL,
    eventId: string,
    waitMs: number,
  ): Promise<GroupEffect | 'unreachable' | 'now seen'> {
    const place = this.seen.get(eventId);
    const timeoutMs = Math.ceil(Math.max(waitMs + graceMs, shortestTimeoutMs));
    const seen = new AbortController();
    const forget = place ? undefined : this.seen.onSeen(eventId, () => seen.abort());
    try {
      const signal = AbortSignal.any([seen.signal, AbortSignal.timeout(timeoutMs)]);
      const effect = await this.client.effectOf(consumer, { eventId, waitMs, place, signal });
      this.away.delete(consumer);
      return effect;
    } catch (error) {
      if (seen.signal.aborted) return 'now seen';
      if (!this.away.has(consumer)) this.logger.warn(`${consumer.origin} does not answer: ${String(error)}`);
      this.away.add(consumer);
      return 'unreachable';
    } finally {
      forget?.();
    }
  }
}
