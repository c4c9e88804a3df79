import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccessKey } from '../auth/sas-token.js';
import type { Engine } from '../engine/engine.js';
import type { Logger } from '../logging/logger.js';
import { HttpProblem } from './problem.js';
import { route } from './routes.js';

export interface HttpContext {
  readonly engine: Engine;
  readonly keys: readonly AccessKey[];
  readonly log: Logger;
}

/** The engine's HTTP door: see `routes.ts`. */
export class HttpServer {
  private constructor(private readonly server: http.Server) {}

  /** @throws NodeJS.ErrnoException EADDRINUSE and its like */
  static async listen(host: string, port: number, context: HttpContext): Promise<HttpServer> {
    const server = http.createServer((request, response) => {
      void answer(request, context).then(({ status, text, type }) => send(response, status, text, type));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return new HttpServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(request: http.IncomingMessage, { engine, keys, log }: HttpContext) {
  try {
    const given = await route(request, engine, keys);
    const { status } = given;
    if ('text' in given) return { status, text: given.text, type: 'text/plain; version=0.0.4' };
    return { status, text: JSON.stringify(given.body), type: 'application/json' };
  } catch (error) {
    const known = error instanceof HttpProblem;
    if (!known) log.error(`HTTP ${request.url}: ${String(error)}`);
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
