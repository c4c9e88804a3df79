// What the rows do to the engine: publish, and let groups read. The clock runs from the first byte of the first event
// to the last acknowledgement, or to the last event: links are open before.
import { cpuSeconds } from '../processes.mjs';
import { RawConnection } from './amqp/connection.mjs';
import { encodeBatch } from './amqp/frames.mjs';
import { RawReceiver } from './amqp/raw-receiver.mjs';
import { RawSender } from './amqp/raw-sender.mjs';
import { unlessStalled } from './stalled.mjs';

export const EVENT_BYTES = 1024;

/** @typedef {{ port: number, hub: string, partitions: number, pid?: number }} Target */
/** @typedef {{ events: number, seconds: number, cpu: number }} Run cpu: seconds the engine's processors took */

const range = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => i);

async function whileOpen(connections, pid, run, progress) {
  const cpuNow = () => (pid === undefined ? NaN : cpuSeconds(pid));
  try {
    const cpu = cpuNow();
    const started = performance.now();
    await unlessStalled(Promise.race([run(), ...connections.map(({ failed }) => failed)]), progress);
    return { seconds: (performance.now() - started) / 1000, cpu: cpuNow() - cpu };
  } finally {
    for (const connection of connections) connection.close();
  }
}

/**
 * Sends events over one connection, as a client of Azure does: a link for each partition.
 * @param {Target} target
 * @param {{ events: number, batch: number, inFlight: number }} options inFlight: messages a partition
 * @returns {Promise<Run>}
 */
export async function publish({ port, hub, partitions, pid }, { events, batch, inFlight }) {
  const message = encodeBatch(batch, EVENT_BYTES);
  const messages = Math.ceil(events / batch / partitions);
  const connection = await RawConnection.connect(port);
  for (const partition of range(partitions)) {
    const build = (agreed) => new RawSender(agreed, { message, inFlight });
    await connection.openSender(`${hub}/Partitions/${partition}`, build);
  }
  const senders = await connection.takeOver();
  const send = () => Promise.all(senders.map((sender) => sender.send(messages)));
  const accepted = () => senders.reduce((sum, sender) => sum + sender.accepted, 0);
  const measured = await whileOpen([connection], pid, send, accepted);
  return { events: messages * partitions * batch, ...measured };
}

/**
 * Lets each group read so many events from the hub, over one connection a group; every partition holds as many.
 * @param {Target} target
 * @param {{ events: number, groups: string[], after?: number[] }} options after: sequence number, a partition
 * @returns {Promise<Run>}
 */
export async function drain({ port, hub, partitions, pid }, { events, groups, after = [] }) {
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
  const bytesSoFar = () => receivers.reduce((sum, receiver) => sum + receiver.bytes, 0);
  const receive = () => Promise.all(receivers.map((receiver) => receiver.receive(each)));
  const measured = await whileOpen(connections, pid, receive, bytesSoFar);
  const bytes = bytesSoFar();
  const delivered = each * receivers.length;
  if (bytes < delivered * EVENT_BYTES) throw new Error(`${delivered} events came with ${bytes} bytes only`);
  return { events: delivered, ...measured };
}

/**
 * A way to send an event to a partition, and to hear of its arrival at a reader of it.
 * @param {Target} target
 */
export async function openPath({ port, hub }, onEvent) {
  const connections = [await RawConnection.connect(port), await RawConnection.connect(port)];
  const [sending, receiving] = connections;
  const message = encodeBatch(1, EVENT_BYTES);
  await receiving.openReceiver(`${hub}/ConsumerGroups/one/Partitions/0`, '@latest', (agreed) => {
    return new RawReceiver(agreed, { onEvent });
  });
  await sending.openSender(
    `${hub}/Partitions/0`,
    (agreed) => new RawSender(agreed, { message, inFlight: 500 }),
  );
  const [receiver] = await receiving.takeOver();
  const [sender] = await sending.takeOver();
  void receiver.receive();
  return {
    failed: Promise.race(connections.map(({ failed }) => failed)),
    send: () => void sender.send(1),
    close: () => connections.forEach((connection) => connection.close()),
  };
}
