// Redis streams, as the engine's rows want them: a stream a partition, a consumer group a reader.
import { cpuSeconds } from '../../processes.mjs';
import { EVENT_BYTES } from '../traffic.mjs';
import { encodeCommand, encodeText, RespConnection } from './resp.mjs';

const streams = ['s0', 's1', 's2', 's3'];
const body = Buffer.alloc(EVENT_BYTES, 'x');

async function timed(pid, connections, run) {
  try {
    const cpu = cpuSeconds(pid);
    const started = performance.now();
    await Promise.race([run(), ...connections.map(({ failed }) => failed)]);
    return { seconds: (performance.now() - started) / 1000, cpu: cpuSeconds(pid) - cpu };
  } finally {
    for (const connection of connections) connection.close();
  }
}

const connectAll = ({ port }, count) =>
  Promise.all(Array.from({ length: count }, () => RespConnection.connect(port)));

/** Adds events to the streams in turn, over one connection with so many in flight. */
export async function publish(redis, { events, inFlight }) {
  const [connection] = await connectAll(redis, 1);
  const measured = await timed(redis.pid, [connection], () => addAll(connection, events, inFlight));
  return { events, ...measured };
}

function addAll(connection, events, inFlight) {
  const streamAt = (i) => streams[i % streams.length];
  const commands = Array.from({ length: inFlight }, (_, i) =>
    encodeCommand('XADD', streamAt(i), '*', 'b', body),
  );
  const bytes = Buffer.concat(commands);
  const size = bytes.length / inFlight;
  let sent = 0;
  let answered = 0;
  let scheduled = false;
  return new Promise((done) => {
    const send = () => {
      scheduled = false;
      while (sent < events && sent - answered < inFlight) {
        const from = sent % inFlight;
        const count = Math.min(inFlight - from, events - sent, inFlight - (sent - answered));
        sent += count;
        const replies = Array.from({ length: count }, () => replied);
        connection.write(bytes.subarray(from * size, (from + count) * size), replies);
      }
    };
    const replied = () => {
      if (++answered === events) done();
      if (scheduled) return;
      scheduled = true;
      process.nextTick(send); // once for all replies of a chunk
    };
    send();
  });
}

/** Makes each group stand before the first event. */
export async function rewind({ port }, groups) {
  const connection = await RespConnection.connect(port);
  for (const stream of streams) {
    for (const group of groups) {
      await connection.command('XGROUP', 'DESTROY', stream, group);
      await connection.command('XGROUP', 'CREATE', stream, group, '0');
    }
  }
  connection.close();
}

/** Lets each group read so many events of the streams, 100 a stream at a time, and acknowledge them. */
export async function drain(redis, { events, groups }) {
  await rewind(redis, groups);
  const connections = await connectAll(redis, groups.length);
  const measured = await timed(redis.pid, connections, () =>
    Promise.all(connections.map((connection, i) => readAs(connection, groups[i], events))),
  );
  return { events: events * groups.length, ...measured };
}

async function readAs(connection, group, events) {
  const next = [
    'XREADGROUP',
    'GROUP',
    group,
    'bench',
    'COUNT',
    100,
    'STREAMS',
    ...streams,
    ...streams.map(() => '>'),
  ];
  for (let received = 0; received < events;) {
    received += acknowledge(connection, group, await connection.command(...next));
  }
}

/** Acknowledges what a read has brought, without waiting for the answer; how many events that was. */
export function acknowledge(connection, group, reply) {
  let received = 0;
  for (const [stream, entries] of reply ?? []) {
    if (entries.some(([, fields]) => fields[1] !== EVENT_BYTES))
      throw new Error('Redis delivered something else');
    received += entries.length;
    const ids = entries.map(([id]) => id);
    connection.write(encodeText(['XACK', stream, group, ...ids]), [() => undefined]);
  }
  if (received === 0) throw new Error('Redis had nothing to deliver');
  return received;
}

export async function flush({ port }) {
  const connection = await RespConnection.connect(port);
  await connection.command('FLUSHALL');
  connection.close();
}

/** A way to add an event, and to hear of its arrival at a group that waits for it. */
export async function openPath({ port }, onEvent) {
  await flush({ port });
  const [adding, reading] = await connectAll({ port }, 2);
  await adding.command('XGROUP', 'CREATE', 'path', 'one', '0', 'MKSTREAM');
  const command = encodeCommand('XADD', 'path', '*', 'b', body);
  const next = ['XREADGROUP', 'GROUP', 'one', 'bench', 'BLOCK', 0, 'COUNT', 100, 'STREAMS', 'path', '>'];
  const listen = async () => {
    for (;;) {
      const events = acknowledge(reading, 'one', await reading.command(...next));
      for (let i = 0; i < events; i++) onEvent();
    }
  };
  const failed = Promise.race([adding.failed, listen()]);
  failed.catch(() => undefined); // whoever waits for an event races it with this
  return {
    failed,
    send: () => adding.write(command, [() => undefined]),
    close: () => [adding, reading].forEach((connection) => connection.close()),
  };
}
