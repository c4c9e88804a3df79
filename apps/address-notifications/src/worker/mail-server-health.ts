/** Tells a mail that breaks the connection from a server that is away: the first is to blame when others get through. */
export class MailServerHealth {
  private servedAt = Number.NEGATIVE_INFINITY;

  noteServed(): void {
    this.servedAt = performance.now();
  }

  /** Whether the server has taken a mail since; by `performance.now()`. */
  hasServedSince(time: number): boolean {
    return this.servedAt >= time;
  }
}
