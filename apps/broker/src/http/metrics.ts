import type { Engine } from '../engine/engine.js';
import type { EventHub, Partition } from '../engine/event-hub.js';

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly value: (hub: EventHub, partition: Partition) => number;
}

const metrics: readonly Metric[] = [
  {
    name: 'eventhubs_events_total',
    type: 'counter',
    help: 'Events that became durable since the partition was made.',
    value: (_hub, { log }) => log.state.next.sequenceNumber,
  },
  {
    name: 'eventhubs_bytes_total',
    type: 'counter',
    help: 'Bytes that became durable since the partition was made, record headers included.',
    value: (_hub, { log }) => log.state.next.offset,
  },
  {
    name: 'eventhubs_delivered_events_total',
    type: 'counter',
    help: 'Events handed to readers since the start, all consumer groups.',
    value: (_hub, { delivered }) => delivered.events,
  },
  {
    name: 'eventhubs_delivered_bytes_total',
    type: 'counter',
    help: 'Bytes of events handed to readers since the start, all consumer groups.',
    value: (_hub, { delivered }) => delivered.bytes,
  },
  {
    name: 'eventhubs_unsynced_bytes',
    type: 'gauge',
    help: 'Bytes on their way to the disk.',
    value: (_hub, { log }) => log.pendingBytes,
  },
  {
    name: 'eventhubs_partition_failed',
    type: 'gauge',
    help: '1 once the partition acknowledges nothing more until a restart.',
    value: (_hub, { log }) => (log.failure === undefined ? 0 : 1),
  },
  {
    name: 'eventhubs_readers',
    type: 'gauge',
    help: 'Open receiver links, all consumer groups.',
    value: (hub, partition) =>
      hub.consumerGroups.reduce((sum, group) => sum + (hub.readers(group, partition)?.count ?? 0), 0),
  },
];

/**
 * Prometheus' text format 0.0.4. Names of hubs hold no character that would have to be escaped.
 * @param connections open AMQP connections
 */
export function renderMetrics(engine: Engine, connections: number): string {
  const lines = [
    '# HELP eventhubs_connections Open AMQP connections.',
    '# TYPE eventhubs_connections gauge',
    `eventhubs_connections ${connections}`,
  ];
  for (const { name, type, help, value } of metrics) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const hub of engine.all) {
      for (const partition of hub.partitions) {
        lines.push(`${name}{hub="${hub.name}",partition="${partition.id}"} ${value(hub, partition)}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
