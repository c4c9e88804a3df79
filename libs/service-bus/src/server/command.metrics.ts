import { Counter, metrics } from '@app/service-defaults';
import type { EventEmitter } from 'node:events';
import type { ServiceBusEvents } from './service-bus.events.js';

const name = 'commands_settled_total';
const help =
  'Commands that were received, by outcome: completed, abandoned, dead-lettered, or lock-lost, which come again.';

/** Counts what becomes of a queue's commands in this process. */
export function countCommands(queue: string, events: EventEmitter<ServiceBusEvents>): void {
  const known = metrics.getSingleMetric(name) as Counter | undefined;
  const settled =
    known ?? new Counter({ name, help, labelNames: ['queue', 'outcome'], registers: [metrics] });
  const count = (outcome: string) => () => settled.inc({ queue, outcome });
  events.on('completed', count('completed'));
  events.on('abandoned', count('abandoned'));
  events.on('deadLettered', count('dead-lettered'));
  events.on('lockLost', count('lock-lost'));
}
