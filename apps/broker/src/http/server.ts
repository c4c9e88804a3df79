import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { SecureContextOptions } from 'node:tls';
import type { Limits } from '../config/limits.js';
import type { Logger } from '../logging/logger.js';
import { HttpProblem } from './problem.js';
import { route, type RouteContext } from './routes.js';

export interface HttpContext extends RouteContext {
  readonly limits: Limits;
  readonly log: Logger;
  /** Set: HTTPS, otherwise HTTP. */
  readonly tls?: SecureContextOptions | undefined;
}

/** Requests that lie in connections unread are read by then, and by these turns of the event loop should it be held up. */
const READ_MS = 100;
const READ_TURNS = 3;

/** The engine's HTTP door: see `routes.ts`. */
export class HttpServer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: http.Server | https.Server,
    private readonly closeMs: number,
  ) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** @throws NodeJS.ErrnoException EADDRINUSE and its like */
  static async listen(host: string, port: number, context: HttpContext): Promise<HttpServer> {
    const { tls, limits } = context;
    const options = {
      requestTimeout: limits.httpRequestMs,
      headersTimeout: limits.httpRequestMs,
      connectionsCheckingInterval: Math.ceil(limits.httpRequestMs / 10),
    };
    const respond = (request: http.IncomingMessage, response: http.ServerResponse) => {
      void answer(request, context).then(({ status, text, type }) => send(response, status, text, type));
    };
    const server =
      tls === undefined
        ? http.createServer(options, respond)
        : https.createServer({ ...options, ...tls, handshakeTimeout: limits.authenticateMs }, respond);
    server.maxConnections = limits.maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return new HttpServer(server, limits.closeMs);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Handshakes from now on use this certificate. */
  renew(context: SecureContextOptions): void {
    if (this.server instanceof https.Server) this.server.setSecureContext(context);
  }

  /** Answers what has been sent by now, each as the last of its connection, and waits for it as long as AMQP may take. */
  async close(): Promise<void> {
    this.server.prependListener('request', (_request, response: http.ServerResponse) => {
      response.shouldKeepAlive = false; // RFC 9112 §9.6
    });
    await delay(READ_MS);
    for (let n = 0; n < READ_TURNS; n++) await turn();
    const closed = new Promise((done) => this.server.close(done));
    const cutOff = setTimeout(() => {
      this.server.closeAllConnections();
      for (const socket of this.sockets) socket.destroy(); // those in a TLS handshake are no HTTP connections yet
    }, this.closeMs);
    await closed;
    clearTimeout(cutOff);
  }
}

async function answer(request: http.IncomingMessage, context: HttpContext) {
  try {
    const given = await route(request, context);
    const { status } = given;
    if ('text' in given) return { status, text: given.text, type: 'text/plain; version=0.0.4' };
    return { status, text: JSON.stringify(given.body), type: 'application/json' };
  } catch (error) {
    const known = error instanceof HttpProblem;
    if (!known) context.log.error(`HTTP ${request.url}: ${String(error)}`);
    const problem = known ? error : new HttpProblem(500);
    return { status: problem.status, text: JSON.stringify(problem.body), type: 'application/problem+json' };
  }
}

function send(response: http.ServerResponse, status: number, text: string, type: string): void {
  const headers = {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  };
  response.writeHead(status, headers);
  response.end(text);
}
