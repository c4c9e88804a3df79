import { EventOpener } from '@app/consumer';
import { Injectable } from '@nestjs/common';
import type { GridEvent } from '../domain/event.js';
import { takesEvents } from '../domain/subscription.js';
import type { Sql } from '../sql.js';
import { type Subscription, SubscriptionSet } from '../subscriptions/subscription-set.js';

export interface Match {
  event: GridEvent;
  subscriptionIds: string[];
}

/** Finds who wants an event. */
@Injectable()
export class Matcher {
  constructor(
    private readonly subscriptions: SubscriptionSet,
    private readonly opener: EventOpener,
  ) {}

  /**
   * Events with those who want them, without those nobody wants.
   * @throws {KeyServiceError} when a filter looks into personal data and the keys cannot be had
   */
  async match(sql: Sql, events: readonly GridEvent[]): Promise<Match[]> {
    const ready = (await this.subscriptions.current(sql)).filter(({ row }) => takesEvents(row.state));
    if (ready.length === 0) return [];
    const candidates = events.map((event) => ({
      event,
      takers: ready.filter(({ filter }) => filter.matchesSealed(event)),
    }));
    const opened = await this.openedFor(candidates);
    return candidates.flatMap(({ event, takers }) => {
      const wanting = takers.filter(
        ({ filter }) => !filter.needsOpened || filter.matchesPersonal(opened.get(event)),
      );
      return wanting.length === 0 ? [] : [{ event, subscriptionIds: wanting.map(({ row }) => row.id) }];
    });
  }

  /** The data of those events that a filter wants to look into. */
  private async openedFor(
    candidates: readonly { event: GridEvent; takers: readonly Subscription[] }[],
  ): Promise<Map<GridEvent, unknown>> {
    const wanted = candidates.flatMap(({ event, takers }) =>
      takers.some(({ filter }) => filter.needsOpened) ? [event] : [],
    );
    const data = await this.opener.open(
      wanted.map(({ attributes, data }) => ({ type: attributes.type, data })),
    );
    return new Map(wanted.map((event, index) => [event, data[index]]));
  }
}
