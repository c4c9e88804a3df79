import { Counter, Gauge, Histogram, metrics } from '@app/service-defaults';
import type { ConsumerEvents, Progress } from '../lifecycle/consumer.events.js';
import type { TransactionalProcessor } from '../runtime/transactional-processor.js';

const events = once('consumer_events_total', (name) => {
  const help = 'Events done with, by outcome: applied, duplicate, ignored or foreign.';
  return new Counter({ name, help, labelNames: ['group', 'outcome'], registers: [metrics] });
});
const failures = once('consumer_handler_failures_total', (name) => {
  const help = 'Handler calls that threw and are tried again.';
  return new Counter({ name, help, labelNames: ['group', 'type'], registers: [metrics] });
});
const fenced = once('consumer_fenced_total', (name) => {
  const help = 'Writes refused because the partition had another owner or a newer epoch.';
  return new Counter({ name, help, labelNames: ['group'], registers: [metrics] });
});
const duration = once('consumer_handler_duration_seconds', (name) => {
  const help = 'Duration of handler calls, an event or a batch each.';
  const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
  return new Histogram({ name, help, labelNames: ['group', 'types'], buckets, registers: [metrics] });
});
const lag = once('consumer_lag_events', (name) => {
  const help = 'Events between the position and the end of the log, of the partitions this process reads.';
  return new Gauge({ name, help, labelNames: ['group', 'partition'], registers: [metrics] });
});
const lagSeconds = once('consumer_lag_seconds', (name) => {
  const help = 'Age of what waits to be read, of the partitions this process reads.';
  return new Gauge({ name, help, labelNames: ['group', 'partition'], registers: [metrics] });
});

/** Turns the runtime's events into metrics. */
export function measure(
  group: string,
  consumerEvents: ConsumerEvents,
  processor: Pick<TransactionalProcessor, 'sessions'>,
): void {
  const count = (progress: Progress) => {
    for (const [outcome, number] of [
      ['applied', progress.applied.length],
      ['duplicate', progress.duplicates.length],
      ['ignored', progress.ignored.length],
      ['foreign', progress.foreign],
    ] as const) {
      if (number > 0) events.inc({ group, outcome }, number);
    }
    const session = processor.sessions.find(({ lease }) => lease.partitionId === progress.partitionId);
    const labels = { group, partition: progress.partitionId };
    lag.set(labels, session?.lagEvents ?? 0);
    lagSeconds.set(labels, session?.lagSeconds ?? 0);
  };
  consumerEvents.on('batchCommitted', count);
  consumerEvents.on('batchSkipped', count);
  consumerEvents.on('handled', ({ types, seconds }) =>
    duration.observe({ group, types: types.join(',') }, seconds),
  );
  consumerEvents.on('handlerFailed', ({ type }) => failures.inc({ group, type }));
  consumerEvents.on('fenced', () => fenced.inc({ group }));
  consumerEvents.on('partitionClosed', (partition) => {
    lag.remove({ group, partition });
    lagSeconds.remove({ group, partition });
  });
}

/** Several consumers of one process, as in tests, share their metrics. */
function once<T>(name: string, make: (name: string) => T): T {
  return (metrics.getSingleMetric(name) as T | undefined) ?? make(name);
}
