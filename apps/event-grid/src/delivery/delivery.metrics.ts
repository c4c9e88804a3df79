import { Counter, Histogram, metrics } from '@app/service-defaults';
import type { Attempt } from '../domain/outcome.js';

const attempts = new Counter({
  name: 'event_grid_attempts_total',
  help: 'Attempts to push an event, by what came of them.',
  labelNames: ['subscription', 'outcome'],
  registers: [metrics],
});
const latency = new Histogram({
  name: 'event_grid_answer_seconds',
  help: 'Until the handler answered, or the attempt failed.',
  labelNames: ['subscription'],
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
  registers: [metrics],
});

export function countAttempt(subscription: string, { outcome, latencyMs }: Attempt): void {
  attempts.inc({ subscription, outcome });
  latency.observe({ subscription }, latencyMs / 1000);
}
