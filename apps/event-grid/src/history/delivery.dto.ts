import { z } from 'zod';
import type { GridAttributes } from '../domain/event.js';

const attempt = z.object({
  at: z.string(),
  outcome: z.string(),
  status: z.int().optional(),
  latencyMs: z.int(),
  detail: z.string().optional(),
});

export const deliveryDto = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'delivered', 'dead']),
  event: z.object({
    id: z.string(),
    type: z.string(),
    source: z.string(),
    subject: z.string().optional(),
    time: z.string().optional(),
  }),
  attempts: z.int(),
  publishedAt: z.string(),
  nextAttemptAt: z.string().optional(),
  settledAt: z.string().optional(),
  deadLetterReason: z.string().optional(),
  history: z.array(attempt),
});
export type DeliveryDto = z.output<typeof deliveryDto>;

/** A delivery as the database has it, with its event's attributes. */
export interface DeliveryRow {
  id: string;
  state: DeliveryDto['state'];
  attempts: number;
  published_at: Date;
  next_at: Date;
  settled_at: Date | null;
  dead_letter_reason: string | null;
  history: DeliveryDto['history'];
  attributes: GridAttributes;
  data: string | null;
}

export function dtoOf(row: DeliveryRow): DeliveryDto {
  const { id, type, source, subject, time } = row.attributes;
  return {
    id: row.id,
    state: row.state,
    event: {
      id,
      type,
      source,
      ...(subject === undefined ? {} : { subject }),
      ...(time === undefined ? {} : { time }),
    },
    attempts: row.attempts,
    publishedAt: row.published_at.toISOString(),
    ...(row.state === 'waiting' ? { nextAttemptAt: row.next_at.toISOString() } : {}),
    ...(row.settled_at === null ? {} : { settledAt: row.settled_at.toISOString() }),
    ...(row.dead_letter_reason === null ? {} : { deadLetterReason: row.dead_letter_reason }),
    history: row.history,
  };
}
