import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
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

/** The engine's HTTP door: see `routes.ts`. */
export class HttpServer {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: http.Server | https.Server) {
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
    return new HttpServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Handshakes from now on use this certificate. */
  renew(context: SecureContextOptions): void {
    if (this.server instanceof https.Server) this.server.setSecureContext(context);
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    for (const socket of this.sockets) socket.destroy(); // those in a TLS handshake are no HTTP connections yet
    await closed;
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
