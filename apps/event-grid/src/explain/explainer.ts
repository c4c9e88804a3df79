import { EventOpener } from '@app/consumer';
import { attributesFrom } from '@app/contracts';
import { bytesOf, eventHubsSettings, jsonOf, readLast } from '@app/event-hubs';
import { Problem } from '@app/service-defaults';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { GridEvent } from '../domain/event.js';
import type { SubscriptionFilter } from '../domain/subscription-filter.js';
import { attributesOf } from '../matching/grid-event-of.js';

export const explainedEvent = z.object({
  event: z.object({
    id: z.string(),
    type: z.string(),
    source: z.string(),
    subject: z.string().optional(),
    partitionId: z.string(),
    sequenceNumber: z.int(),
  }),
  matched: z.boolean(),
  clauses: z.array(
    z.object({
      clause: z.string().meta({ description: 'A JSON pointer into filter.' }),
      matched: z.boolean(),
      found: z.string(),
      operatorType: z.string().optional(),
      key: z.string().optional(),
    }),
  ),
});
export type ExplainedEvent = z.output<typeof explainedEvent>;

interface Retained {
  event: GridEvent;
  partitionId: string;
  sequenceNumber: number;
}

/** Reads the end of the stream once a call: one call at a time, and few that wait. */
const mostWaiting = 5;

@Injectable()
export class Explainer {
  private running: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(private readonly opener: EventOpener) {}

  /** @throws {KeyServiceError} when the filter looks into personal data and the keys cannot be had */
  async explain(filter: SubscriptionFilter, last: number): Promise<ExplainedEvent[]> {
    const retained = await this.inTurn(() => this.read(last));
    const data = filter.needsOpened
      ? await this.opener.open(
          retained.map(({ event }) => ({ type: event.attributes.type, data: event.data })),
        )
      : retained.map(({ event }) => event.data);
    return retained.map(({ event: { attributes }, partitionId, sequenceNumber }, index) => {
      const { id, type, source, subject } = attributes;
      const event = { id, type, source, partitionId, sequenceNumber };
      const { matched, clauses } = filter.explain({ attributes, data: data[index] });
      return { event: subject === undefined ? event : Object.assign(event, { subject }), matched, clauses };
    });
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= mostWaiting) {
      throw new Problem(429, 'too-many-requests', 'Too many requests: wait a moment.', {
        headers: { 'retry-after': '1' },
      });
    }
    this.waiting++;
    const mine = this.running.then(work, work);
    this.running = mine;
    try {
      return await mine;
    } finally {
      this.waiting--;
    }
  }

  /** Messages that are no CloudEvents, or no JSON, are nobody's. */
  private async read(last: number): Promise<Retained[]> {
    const received = await readLast(eventHubsSettings(), last);
    return received.flatMap(
      ({ partitionId, event: { properties = {}, body, sequenceNumber } }): Retained[] => {
        const read = attributesFrom(properties);
        const json = jsonOf(bytesOf(body));
        if (!read.success || !json.success) return [];
        const attributes = attributesOf({ attributes: read.attributes, applicationProperties: properties });
        return [{ event: { attributes, data: json.data }, partitionId, sequenceNumber }];
      },
    );
  }
}
