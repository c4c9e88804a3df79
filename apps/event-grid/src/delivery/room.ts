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
  private allowed: number;
  underWay = 0;

  constructor(
    private readonly limits: RoomLimits,
    start: number,
  ) {
    this.allowed = start;
  }

  get free(): number {
    return Math.max(0, Math.floor(this.allowed) - this.underWay);
  }

  begin(): void {
    this.underWay++;
  }

  end(wentWell: boolean): void {
    this.underWay--;
    this.allowed = wentWell
      ? Math.min(this.limits.most, this.allowed + 1)
      : Math.max(this.limits.least, this.allowed / 2);
  }
}

/**
 * Shares out what all may have under way at once. Each subscription may always have one, so that those who fill the rest
 * keep nobody out: at most `shared` and one a subscription.
 * @returns how many to begin, by subscription
 */
export function shareOut(rooms: ReadonlyMap<string, Room>, shared: number): Map<string, number> {
  const all = [...rooms.values()];
  let left = shared - all.reduce((sum, { underWay }) => sum + Math.max(0, underWay - 1), 0);
  const shares = new Map<string, number>();
  for (const [id, { free, underWay }] of rooms) {
    if (free === 0) continue;
    const own = underWay === 0 ? 1 : 0;
    const more = Math.min(free - own, Math.max(0, left));
    left -= more;
    if (own + more > 0) shares.set(id, own + more);
  }
  return shares;
}
