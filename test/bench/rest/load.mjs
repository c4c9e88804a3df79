// Requests of HTTP/1.1 over connections that stay open: encoded before the clock runs, as lean as a client can be.
import { once } from 'node:events';
import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';

/**
 * Each connection sends a request as soon as the one before it has been answered.
 * @param {{ port: number, connections: number, requests: Buffer[], status: number }} load all answers must have the status
 * @returns {Promise<{ events: number, seconds: number, p99: number }>} p99 in milliseconds
 */
export async function send({ port, connections, requests, status }) {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const latencies = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      const answers = answersOf(socket);
      while (next < requests.length) {
        const request = requests[next++];
        const begun = performance.now();
        socket.write(request);
        const { value: answer } = await answers.next();
        latencies.push(performance.now() - begun);
        if (!answer?.startsWith(`HTTP/1.1 ${status} `)) throw new Error(`answered ${answer ?? 'nothing'}`);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.destroy();
  latencies.sort((a, b) => a - b);
  return { events: requests.length, seconds, p99: latencies[Math.ceil(latencies.length * 0.99) - 1] };
}

/** @param {{ method: string, path: string, headers?: Record<string, string>, body?: object }} request */
export function encoded({ method, path, headers = {}, body }) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const all = {
    host: 'localhost',
    ...headers,
    ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', text].join('\r\n'));
}

async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Whole answers, one after the other; their bodies have a Content-Length. */
async function* answersOf(socket) {
  let held = '';
  for await (const chunk of socket) {
    held += chunk.latin1Slice();
    const head = held.indexOf(HEAD_END);
    if (head === -1) continue;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(held)?.[1]);
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${held}`);
    if (held.length < head + HEAD_END.length + length) continue;
    yield held;
    held = '';
  }
}
