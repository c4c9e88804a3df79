import type { ServerLink } from './server-link.js';
import type { TransferWriter } from './transfer-writer.js';

/** A client waits here for the answers of `$cbs` or `$management`. */
export class ReplyLink implements ServerLink {
  constructor(private readonly writer: TransferWriter) {}

  /** Sends an answer; a client that gives no credit for it does not get it. */
  reply(message: Buffer): void {
    if (this.writer.room > 0) this.writer.send([message]);
  }

  pump(): void {
    this.writer.resume();
  }

  dispose(): void {
    // Nothing is held for this link.
  }
}
