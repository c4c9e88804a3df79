import type { ServerLink } from './server-link.js';
import type { TransferWriter } from './transfer-writer.js';

/** Answers that may wait for credit: Azure's Go client asks first and gives credit then. */
const MAX_WAITING = 100;

/** A client waits here for the answers of `$cbs` or `$management`. */
export class ReplyLink implements ServerLink {
  private waiting: Buffer[] = [];

  constructor(private readonly writer: TransferWriter) {}

  /** Sends an answer, or keeps it until there is credit for it; a client that lets too many wait loses the next. */
  reply(message: Buffer): void {
    if (this.waiting.length < MAX_WAITING) this.waiting.push(message);
    this.pump();
  }

  pump(): void {
    this.writer.resume();
    const { room } = this.writer;
    if (room > 0 && this.waiting.length > 0) this.writer.send(this.waiting.splice(0, room));
  }

  dispose(): void {
    this.waiting = [];
  }
}
