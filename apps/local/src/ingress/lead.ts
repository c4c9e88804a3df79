import { lookup } from 'node:dns/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** So long one replica may take to accept a connection before another is asked. */
const acceptWithinMs = 1_000;

export interface Target {
  /** A name that stands for every replica, as Compose's network resolves it. */
  host: string;
  port: number;
}

type Resolve = (host: string) => Promise<string[]>;

const allAddresses: Resolve = async (host) =>
  (await lookup(host, { all: true, family: 4 })).map(({ address }) => address);

/**
 * A TCP server whose connections go to any replica of a service. Its name is looked up for each connection: replicas
 * come and go. Where none takes the connection, the client is told in HTTP.
 */
export function lead(target: Target, resolve: Resolve = allAddresses): Server {
  // Half-open: who has sent all of its request still waits for the answer.
  return createServer({ allowHalfOpen: true }, (client) => {
    // A client that breaks off is its own affair, and ends nothing here.
    client.on('error', () => client.destroy());
    void join(client, target, resolve);
  });
}

async function join(client: Socket, target: Target, resolve: Resolve): Promise<void> {
  try {
    const replica = await anyReplica(target, resolve);
    const ended = () => undefined; // a pipeline destroys both sides, which is all there is to do
    pipeline(client, replica, ended);
    pipeline(replica, client, ended);
  } catch (error) {
    client.end(unavailable(target, error));
  }
}

/** @throws the last replica's refusal, or that the name stands for nobody */
async function anyReplica({ host, port }: Target, resolve: Resolve): Promise<Socket> {
  let refusal: unknown;
  for (const address of shuffled(await resolve(host))) {
    try {
      return await accepted(address, port);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal ?? new Error(`${host} has no address`);
}

const accepted = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.setTimeout(acceptWithinMs, () =>
      socket.destroy(new Error(`${host} did not answer within ${acceptWithinMs} ms`)),
    );
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
  });

/** Resolvers sort addresses by nearness: left so, one replica would have it all. */
const shuffled = (addresses: readonly string[]): string[] =>
  addresses
    .map((address) => ({ address, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ address }) => address);

function unavailable({ host }: Target, error: unknown): string {
  const body = JSON.stringify({
    type: 'urn:customer-profile:problem:not-running',
    title: `${host} does not run`,
    status: 503,
    detail: error instanceof Error ? error.message : String(error),
  });
  return [
    'HTTP/1.1 503 Service Unavailable',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
