import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Engine } from '../engine/engine.js';

/** The engine's HTTP door: `GET /health` in the official emulator's words. Its admin routes come here too. */
export class HttpServer {
  private constructor(private readonly server: http.Server) {}

  /** @throws NodeJS.ErrnoException EADDRINUSE and its like */
  static async listen(host: string, port: number, engine: Engine): Promise<HttpServer> {
    const server = http.createServer((request, response) => {
      const path = request.url?.split('?')[0];
      if (request.method === 'GET' && path === '/health') return health(engine, response);
      return send(response, 404, { status: 404, title: 'Not Found' }, 'application/problem+json');
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

function health(engine: Engine, response: http.ServerResponse): void {
  const { failed } = engine;
  if (failed.length === 0) send(response, 200, { status: 'healthy', message: 'Service is healthy.' });
  else
    send(response, 503, {
      status: 'unhealthy',
      message: `Partitions that have failed: ${failed.join(', ')}.`,
    });
}

function send(response: http.ServerResponse, status: number, body: object, type = 'application/json'): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
