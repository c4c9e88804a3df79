import { Counter, Gauge, Histogram, metrics } from '@app/service-defaults';
import type { ConsumerEvents, Progress } from '../lifecycle/consumer.events.js';
import type { PartitionSession } from '../runtime/partition-session.js';
import { type LagSource, refreshLag } from './lag.js';

const sources = new Set<LagSource>();
const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const events = new Counter({
  name: 'consumer_events_total',
  help: 'Events that left a partition, by outcome: applied, duplicate, ignored, foreign, dropped or set-aside.',
  labelNames: ['group', 'outcome'],
  registers: [metrics],
});
const failures = new Counter({
  name: 'consumer_handler_failures_total',
  help: 'Handler calls that threw: nothing of what they wrote is kept.',
  labelNames: ['group', 'type'],
  registers: [metrics],
});
const fenced = new Counter({
  name: 'consumer_fenced_total',
  help: 'Writes refused because the partition had another owner or a newer epoch.',
  labelNames: ['group'],
  registers: [metrics],
});
const redriven = new Counter({
  name: 'consumer_redriven_total',
  help: 'Events that were set aside and have been applied since.',
  labelNames: ['group'],
  registers: [metrics],
});
const parked = new Counter({
  name: 'consumer_parked_total',
  help: 'Events that failed for good and wait for somebody to act.',
  labelNames: ['group', 'type'],
  registers: [metrics],
});
const retries = new Counter({
  name: 'consumer_retries_total',
  help: 'Failures after which an event is tried again.',
  labelNames: ['group', 'type'],
  registers: [metrics],
});
const unreadable = new Counter({
  name: 'consumer_unreadable_skipped_total',
  help: 'Events of a wanted type that could not be read and were passed over by the consumer’s policy.',
  labelNames: ['group', 'type'],
  registers: [metrics],
});
const duration = new Histogram({
  name: 'consumer_handler_duration_seconds',
  help: 'Duration of handler calls, an event or a batch each.',
  labelNames: ['group', 'types'],
  buckets: seconds,
  registers: [metrics],
});

lagGauge(
  'consumer_lag_events',
  'Events between the position and the end of the log, of the partitions this process reads.',
  (session) => session.lagEvents,
);
lagGauge(
  'consumer_lag_seconds',
  'Age of what waits to be read, of the partitions this process reads.',
  (session) => session.lagSeconds,
);

/** Turns the runtime's events into metrics. */
export function measure(source: LagSource, consumerEvents: ConsumerEvents): void {
  const { group } = source;
  const count = (progress: Progress) => {
    events.inc({ group, outcome: 'applied' }, progress.applied.length);
    events.inc({ group, outcome: 'duplicate' }, progress.duplicates.length);
    events.inc({ group, outcome: 'ignored' }, progress.ignored.length);
    events.inc({ group, outcome: 'foreign' }, progress.foreign);
    events.inc({ group, outcome: 'dropped' }, progress.dropped.length);
    events.inc({ group, outcome: 'set-aside' }, progress.setAside.length);
  };
  sources.add(source);
  consumerEvents.on('batchCommitted', count);
  consumerEvents.on('batchSkipped', count);
  consumerEvents.on('handled', ({ types, seconds }) => duration.observe({ group, types }, seconds));
  consumerEvents.on('handlerFailed', ({ type }) => failures.inc({ group, type }));
  consumerEvents.on('redriven', ({ applied }) => redriven.inc({ group }, applied.length));
  consumerEvents.on('setAside', ({ type, parked: isParked }) =>
    (isParked ? parked : retries).inc({ group, type }),
  );
  consumerEvents.on('unreadableSkipped', ({ type }) => unreadable.inc({ group, type }));
  consumerEvents.on('fenced', () => fenced.inc({ group }));
}

/** Looked at when it is asked for: a partition that waits makes no progress that could be counted. */
function lagGauge(name: string, help: string, lagOf: (session: PartitionSession) => number): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: ['group', 'partition'],
    registers: [metrics],
    async collect() {
      await Promise.all([...sources].map((source) => refreshLag(source)));
      this.reset();
      for (const { group, processor } of sources) {
        for (const session of processor.sessions) {
          this.set({ group, partition: session.lease.partitionId }, lagOf(session));
        }
      }
    },
  });
}
