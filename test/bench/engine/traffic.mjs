// What the rows do to the engine: publish, and let groups read. The clock runs from the first byte of the first event
// to the last acknowledgement, or to the last event: links are open before.
import { RawConnection } from './amqp/connection.mjs';
import { encodeBatch } from './amqp/frames.mjs';
import { RawReceiver } from './amqp/raw-receiver.mjs';
import { RawSender } from './amqp/raw-sender.mjs';

export const EVENT_BYTES = 1024;

/** @typedef {{ port: number, hub: string, partitions: number }} Target */
/** @typedef {{ events: number, seconds: number }} Run */

const range = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => i);

async function whileOpen(connections, run) {
  try {
    const started = performance.now();
    await Promise.race([run(), ...connections.map(({ failed }) => failed)]);
    return (performance.now() - started) / 1000;
  } finally {
    for (const connection of connections) connection.close();
  }
}

/**
 * Sends events, each partition over a connection of its own.
 * @param {Target} target
 * @param {{ events: number, batch: number, inFlight: number }} options inFlight: messages a partition
 * @returns {Promise<Run>}
 */
export async function publish({ port, hub, partitions }, { events, batch, inFlight }) {
  const message = encodeBatch(batch, EVENT_BYTES);
  const messages = Math.ceil(events / batch / partitions);
  const connections = [];
  const senders = [];
  for (const partition of range(partitions)) {
    const connection = await RawConnection.connect(port);
    connections.push(connection);
    const build = (agreed) => new RawSender(agreed, { message, inFlight });
    await connection.openSender(`${hub}/Partitions/${partition}`, build);
    senders.push(...(await connection.takeOver()));
  }
  const seconds = await whileOpen(connections, () =>
    Promise.all(senders.map((sender) => sender.send(messages))),
  );
  return { events: messages * partitions * batch, seconds };
}

/**
 * Lets each group read so many events from the hub, over one connection a group; every partition holds as many.
 * @param {Target} target
 * @param {{ events: number, groups: string[], after?: number[] }} options after: sequence number, a partition
 * @returns {Promise<Run>}
 */
export async function drain({ port, hub, partitions }, { events, groups, after = [] }) {
  const each = Math.floor(events / partitions);
  const connections = [];
  const receivers = [];
  for (const group of groups) {
    const connection = await RawConnection.connect(port);
    connections.push(connection);
    for (const partition of range(partitions)) {
      const address = `${hub}/ConsumerGroups/${group}/Partitions/${partition}`;
      await connection.openReceiver(address, after[partition] ?? -1, (agreed) => new RawReceiver(agreed));
    }
    receivers.push(...(await connection.takeOver()));
  }
  const seconds = await whileOpen(connections, () =>
    Promise.all(receivers.map((receiver) => receiver.receive(each))),
  );
  const bytes = receivers.reduce((sum, receiver) => sum + receiver.bytes, 0);
  const delivered = each * receivers.length;
  if (bytes < delivered * EVENT_BYTES) throw new Error(`${delivered} events came with ${bytes} bytes only`);
  return { events: delivered, seconds };
}
