import type { Server, ServerResponse } from 'node:http';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** What clients had sent before they could know that we go is in our hands by then… */
const readMs = 100;
/** …and these turns of the event loop see to that, however long it was held up: to accept, to read, to parse. */
const turns = 3;

/**
 * Sees the clients of an HTTP server off. A server that is closed at once breaks connections that are idle to it, although
 * a request may lie in them unread, and waits for those that were busy, which their clients keep open.
 */
export class Drain {
  private readonly inHand = new Set<ServerResponse>();
  private draining = false;

  constructor(server: Server) {
    server.prependListener('request', (_request, response: ServerResponse) => {
      this.inHand.add(response);
      response.once('close', () => this.inHand.delete(response));
      if (this.draining) endConnectionAfter(response);
    });
  }

  /** From now on each answer is the last of its connection. Resolves when the server may be closed. */
  async begin(): Promise<void> {
    this.draining = true;
    for (const response of this.inHand) endConnectionAfter(response);
    await delay(readMs);
    for (let n = 0; n < turns; n++) await turn();
  }
}

/** `Connection: close` (RFC 9112 §9.6); an answer that has begun cannot say so any more. */
function endConnectionAfter(response: ServerResponse): void {
  if (!response.headersSent) response.shouldKeepAlive = false;
}
