import { Agent, type IncomingMessage, request } from 'node:http';

/** What became of a request. `refused`: no connection was to be had; `closed`: its connection ended without an answer. */
export type Outcome = 'answered' | 'refused' | 'closed' | 'truncated' | 'timed out';

export interface Exchange {
  /** Method and path. */
  name: string;
  /** When its last byte had been handed to the kernel, on a connection that was open; by `performance.now()`. */
  sentMs?: number;
  endedMs?: number;
  outcome?: Outcome;
  /** 0 without an answer. */
  status: number;
  /** The answer says that it is the last of its connection. */
  last: boolean;
}

export interface Request {
  headers?: Readonly<Record<string, string>>;
  body?: string;
  timeoutMs: number;
}

/** Requests to one service over connections that are kept alive, with what became of each. */
export class Caller {
  readonly exchanges: Exchange[] = [];
  private readonly agent = new Agent({ keepAlive: true, scheduling: 'fifo' });

  constructor(private readonly url: string) {}

  /** Never rejects: without an answer, the status is 0. */
  async call(
    method: string,
    path: string,
    { headers = {}, body, timeoutMs }: Request,
  ): Promise<{ status: number; text: string }> {
    const exchange: Exchange = { name: `${method} ${path}`, status: 0, last: false };
    this.exchanges.push(exchange);
    const signal = AbortSignal.timeout(timeoutMs);
    let text = '';
    try {
      const response = await this.send(exchange, method, path, headers, body, signal);
      exchange.outcome = 'truncated';
      exchange.last = response.headers.connection === 'close';
      response.setEncoding('utf8');
      for await (const chunk of response) text += chunk as string;
      if (!response.complete) throw new Error('the answer ended early');
      exchange.outcome = 'answered';
      exchange.status = response.statusCode ?? 0;
    } catch {
      if (signal.aborted) exchange.outcome = 'timed out';
      else exchange.outcome ??= exchange.sentMs === undefined ? 'refused' : 'closed';
    }
    exchange.endedMs = performance.now();
    return { status: exchange.status, text };
  }

  close(): void {
    this.agent.destroy();
  }

  private send(
    exchange: Exchange,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options = { agent: this.agent, method, headers: { ...headers, ...length }, signal };
      const sent = request(this.url + path, options);
      sent.on('finish', () => (exchange.sentMs = performance.now()));
      sent.on('response', resolve);
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
