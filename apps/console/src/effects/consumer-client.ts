import { below, ServiceToken } from '@app/service-defaults';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { effectStates, type GroupEffect } from '../domain/effect.js';
import type { SeenEvent } from '../domain/seen-events.js';

const answer = z.object({
  state: z.enum(effectStates),
  at: z.string().optional(),
  waitingBehind: z.number().optional(),
});

export interface EffectQuestion {
  eventId: string;
  waitMs: number;
  /** Lets a consumer tell what it has passed over from what it has not reached yet. */
  place: SeenEvent | undefined;
  signal: AbortSignal;
}

/** Asks one consumer over HTTP what it has made of an event. */
@Injectable()
export class ConsumerClient {
  constructor(private readonly token: ServiceToken) {}

  /** @throws when the consumer cannot be reached or does not answer as it should. */
  async effectOf(consumer: URL, { eventId, waitMs, place, signal }: EffectQuestion): Promise<GroupEffect> {
    const url = below(consumer, `admin/effects/${encodeURIComponent(eventId)}`);
    url.searchParams.set('wait', `${Math.floor(waitMs)}ms`);
    for (const [name, value] of Object.entries(place ?? {})) url.searchParams.set(name, String(value));
    const response = await this.token.fetch(url, { signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${url.origin} answered ${response.status}`);
    }
    const { state, at, waitingBehind } = answer.parse(await response.json());
    return {
      state,
      ...(at === undefined ? {} : { at }),
      ...(waitingBehind === undefined ? {} : { waitingBehind }),
    };
  }
}
