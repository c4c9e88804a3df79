/** Deliveries that one subscription may have under way when its handler does well, and not at all. */
export interface RoomLimits {
  most: number;
  least: number;
}

/**
 * How many deliveries of one subscription may be under way: one more for each that goes well, half as many after one that
 * does not. A handler that hangs is soon down to one, and takes next to nothing of what all share.
 */
export class Room {
  private size: number;
  underWay = 0;

  constructor(
    private readonly limits: RoomLimits,
    start: number,
  ) {
    this.size = start;
  }

  get allowed(): number {
    return Math.floor(this.size);
  }

  /** What is claimed beyond that, so that the next is at hand: nothing for a handler that does badly. */
  get ahead(): number {
    return this.allowed > this.limits.least ? 3 * this.allowed : 0;
  }

  begin(): void {
    this.underWay++;
  }

  end(wentWell: boolean): void {
    this.underWay--;
    this.size = wentWell
      ? Math.min(this.limits.most, this.size + 1)
      : Math.max(this.limits.least, this.size / 2);
  }
}
