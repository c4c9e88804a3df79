import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';

/** What a handler does with a delivery once it is hostile; until then it takes it. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void;

/** 64 MiB of nothing in 64 KiB. */
const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
const junk = Buffer.alloc(64 * 1024, 'x');
const take: Behaviour = (response) => void response.writeHead(200).end();

const drip = (response: ServerResponse, piece: string): void => {
  const timer = setInterval(() => response.write(piece), 50);
  response.on('close', () => clearInterval(timer));
};

/** What each does, and whether what it was pushed counts as delivered. */
export const behaviours = {
  good: { delivers: true, behave: take },
  hang: { delivers: false, behave: () => undefined },
  dripHead: {
    delivers: false,
    behave: (_response, { socket }) => {
      const timer = setInterval(() => socket.write('H'), 50);
      socket.on('close', () => clearInterval(timer));
    },
  },
  dripBody: { delivers: true, behave: (response) => drip(response.writeHead(200), '.') },
  endless: {
    delivers: true,
    behave: (response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write(junk));
      };
      response.on('drain', pour);
      pour();
    },
  },
  bomb: {
    delivers: true,
    behave: (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  },
  redirect: {
    delivers: false,
    behave: (response, request) =>
      void response.writeHead(307, { location: `http://${request.headers.host}/trap` }).end(),
  },
  reset: { delivers: false, behave: (_response, request) => void request.socket.resetAndDestroy() },
  gone: { delivers: false, behave: (response) => void response.writeHead(410).end('\0gone') },
  refuse: { delivers: false, behave: (response) => void response.writeHead(400).end() },
  // At the first attempt, and at no later one: each is delivered.
  flapping: {
    delivers: true,
    behave: (response, { headers }) => {
      response.writeHead(headers['aeg-delivery-count'] === '0' ? 500 : 200).end();
    },
  },
} satisfies Record<string, { delivers: boolean; behave: Behaviour }>;

export type HandlerName = keyof typeof behaviours;

/** A handler on loopback that keeps count of what came, and holds each signature against the secret. */
export class HostileHandler {
  /** How often each event came. */
  readonly came = new Map<string, number>();
  /** When each came first, by `performance.now()`. */
  readonly firstAt = new Map<string, number>();
  wrongSignatures = 0;
  trapped = 0;
  isHostile = false;
  secret = '';

  private constructor(
    readonly name: HandlerName,
    private readonly server: Server,
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(name: HandlerName): Promise<HostileHandler> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HostileHandler(name, server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== '/hook') this.trapped++;
    else if (request.method === 'OPTIONS') response.writeHead(200, { 'webhook-allowed-origin': '*' }).end();
    else {
      this.note(request, Buffer.concat(chunks).toString('utf8'));
      (this.isHostile ? behaviours[this.name].behave : take)(response, request);
    }
  }

  private note({ headers }: IncomingMessage, body: string): void {
    const id = String(headers['webhook-id']);
    this.came.set(id, (this.came.get(id) ?? 0) + 1);
    if (!this.firstAt.has(id)) this.firstAt.set(id, performance.now());
    try {
      const event = new Webhook(this.secret).verify(body, headers as Record<string, string>);
      if ((event as { id: string }).id !== id) this.wrongSignatures++;
    } catch {
      this.wrongSignatures++;
    }
  }
}
