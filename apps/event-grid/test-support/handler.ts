import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Behaviour = (request: Received, response: ServerResponse) => void;

/** A handler on loopback, which agrees to every handshake and takes what it is pushed, unless told otherwise. */
export class Handler {
  readonly received: Received[] = [];
  readonly handshakes: Received[] = [];
  /** What becomes of a delivery. */
  behaviour: Behaviour = (_, response) => void response.writeHead(200).end();
  agrees = true;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async start(port = 0): Promise<Handler> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new Handler(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body };
    if (method === 'OPTIONS') {
      this.handshakes.push(received);
      const allowed = { 'webhook-allowed-origin': headers['webhook-request-origin'] ?? '' };
      response.writeHead(200, this.agrees ? allowed : {}).end();
    } else if (headers['aeg-event-type'] === 'SubscriptionValidation') {
      this.handshakes.push(received);
      const [{ data }] = JSON.parse(body) as [{ data: { validationCode: string } }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(this.agrees ? { validationResponse: data.validationCode } : {}));
    } else {
      this.received.push(received);
      this.behaviour(received, response);
    }
  }
}
