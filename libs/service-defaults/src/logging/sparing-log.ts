import type { Logger } from '@nestjs/common';

const quietMs = 10_000;

/** Warns of what may come a thousand times a second: the first time, and then with a count every ten seconds. */
export class SparingLog {
  private quietUntil = 0;
  private unsaid = 0;

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  warn(message: string): void {
    if (this.now() < this.quietUntil) {
      this.unsaid++;
      return;
    }
    this.logger.warn(this.unsaid > 0 ? `${message} (and ${this.unsaid} more like this)` : message);
    this.unsaid = 0;
    this.quietUntil = this.now() + quietMs;
  }
}
