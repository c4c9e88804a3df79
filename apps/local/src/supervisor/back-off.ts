const firstMs = 250;
const longestMs = 10_000;
/** Up for this long, and the next crash counts as the first again. */
const steadyMs = 30_000;

/** How long to wait before a crashed process is started again: twice as long each time, as long as it keeps crashing. */
export class BackOff {
  private crashes = 0;

  /** @param upMs how long the process had been ready; 0 when it never was */
  next(upMs: number): number {
    if (upMs >= steadyMs) this.crashes = 0;
    return Math.min(firstMs * 2 ** this.crashes++, longestMs);
  }
}
