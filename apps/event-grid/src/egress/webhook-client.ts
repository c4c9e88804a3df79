import { Pool } from 'undici';
import type { EventGridSettings } from '../environment.js';
import { type Attempt, outcomeOf } from '../domain/outcome.js';
import { failureOf } from './failure.js';
import { pinnedConnector } from './pinned-connector.js';
import type { Resolver } from './resolver.js';

/** More of an answer is not read, whatever the handler goes on to send. */
const mostBytes = 16 * 1024;
/** The status has decided; so long is waited for the rest of an answer, so that the connection can be used again. */
const restMs = 1_000;
const idleMs = 4_000;

export interface WebhookRequest {
  method: 'POST' | 'OPTIONS';
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface WebhookAnswer extends Attempt {
  /** Of the answer, in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Its beginning. */
  text: string;
}

/**
 * Calls one handler: over connections of its own, so that one that hangs takes nobody's, each to an address that was
 * checked. No redirect is followed, nothing is decompressed, and both size and time of an answer are bounded.
 */
export class WebhookClient {
  private readonly pool: Pool;
  private readonly answerMs: number;

  constructor(
    private readonly url: URL,
    resolver: Resolver,
    { handlerNetworks, answerMs }: Pick<EventGridSettings, 'handlerNetworks' | 'answerMs'>,
    connections: number,
  ) {
    this.answerMs = answerMs;
    this.pool = new Pool(url.origin, {
      connect: pinnedConnector(url, { resolver, networks: handlerNetworks }),
      connections,
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: 10 * idleMs,
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
    });
  }

  /** Never throws: what went wrong is the answer. */
  async call({ method, headers, body }: WebhookRequest): Promise<WebhookAnswer> {
    const started = performance.now();
    const limit = new AbortController();
    let timer = setTimeout(() => limit.abort(), this.answerMs);
    try {
      const answer = await this.pool.request({
        path: this.url.pathname + this.url.search,
        method,
        headers: { ...headers, 'accept-encoding': 'identity' },
        body: body ?? null,
        signal: limit.signal,
        highWaterMark: mostBytes,
      });
      const latencyMs = Math.round(performance.now() - started);
      clearTimeout(timer);
      timer = setTimeout(() => limit.abort(), Math.min(restMs, this.answerMs));
      const text = await beginningOf(answer.body);
      const { statusCode: status } = answer;
      return { outcome: outcomeOf(status), status, latencyMs, headers: answer.headers, text };
    } catch (error) {
      const latencyMs = Math.round(performance.now() - started);
      return { ...failureOf(error, limit.signal.aborted), latencyMs, headers: {}, text: '' };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whatever is under way is cut off. */
  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

/** What has come until the limit; who sends more, or dawdles, loses the connection. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostBytes) break;
    }
  } catch {
    // The status has come, and decides: an answer that breaks off behind it is short, and nothing else.
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}
