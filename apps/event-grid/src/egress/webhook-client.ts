import { Pool } from 'undici';
import type { EventGridSettings } from '../environment.js';
import { AnswerReader, type WebhookAnswer } from './answer-reader.js';
import { pinnedConnector } from './pinned-connector.js';
import type { Resolver } from './resolver.js';

const idleMs = 4_000;

export interface WebhookRequest {
  method: 'POST' | 'OPTIONS';
  headers: Readonly<Record<string, string>>;
  body?: string;
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
      // The reader of an answer holds the one limit that counts, over connecting, status and body together.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Never throws: what went wrong is the answer. */
  call({ method, headers, body }: WebhookRequest): Promise<WebhookAnswer> {
    return new Promise((resolve) => {
      const request = {
        path: this.url.pathname + this.url.search,
        method,
        headers: { ...headers, 'accept-encoding': 'identity' },
        body: body ?? null,
      };
      const reader = new AnswerReader(this.answerMs, resolve);
      try {
        this.pool.dispatch(request, reader);
      } catch (error) {
        reader.onResponseError(undefined, error as Error);
      }
    });
  }

  /** Takes no more, and closes when what is under way has its answer. */
  async finish(): Promise<void> {
    await this.pool.close();
  }

  /** Whatever is under way is cut off. */
  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
