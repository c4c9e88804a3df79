import type { SubscriptionRow } from '../subscriptions/subscription-row.js';
import type { Claimed } from './claim-deliveries.js';
import { fairShare, Lane, type Shared, shareOut } from './lane.js';

/** What this process has claimed, subscription by subscription, and what may be begun of it. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  /** What each may have under way. */
  private fair: number;
  private underWay = 0;

  constructor(private readonly shared: Shared) {
    this.fair = shared.inFlight;
  }

  /** @param ready subscriptions to push to; the others are left, and dropped once nothing is under way there @returns those left */
  keep(ready: readonly SubscriptionRow[]): Lane[] {
    const ids = new Set(ready.map(({ id }) => id));
    for (const row of ready) {
      const known = this.lanes.get(row.id);
      if (known) Object.assign(known, { row, isOpen: true });
      else this.lanes.set(row.id, new Lane(row));
    }
    const left = [...this.lanes.values()].filter(({ row }) => !ids.has(row.id));
    for (const lane of left) {
      lane.isOpen = false;
      if (lane.claims === 0) this.lanes.delete(lane.row.id);
    }
    return left;
  }

  /** How many to claim, by subscription. */
  shares(): Map<string, number> {
    return shareOut(this.lanes, this.shared);
  }

  /** @param asked the shares it was claimed by @returns those that were asked for */
  take(claimed: readonly Claimed[], asked: ReadonlyMap<string, number>): Lane[] {
    const found = new Map<Lane, number>();
    for (const one of claimed) {
      const lane = this.lanes.get(one.subscriptionId);
      if (!lane) continue;
      lane.held.push(one);
      lane.claims++;
      found.set(lane, (found.get(lane) ?? 0) + 1);
    }
    this.fair = fairShare(this.lanes, this.shared);
    return [...asked].flatMap(([id, most]) => {
      const lane = this.lanes.get(id);
      if (lane) lane.isDry = (found.get(lane) ?? 0) < most;
      return lane ?? [];
    });
  }

  /** The next of those held that there is room for. */
  next(lane: Lane): Claimed | undefined {
    const { room, held } = lane;
    if (room.underWay >= Math.min(room.allowed, this.fair)) return undefined;
    if (room.underWay > 0 && this.isFull) return undefined;
    return held.shift();
  }

  began({ room }: Lane): void {
    room.begin();
    this.underWay++;
  }

  ended({ room }: Lane, wentWell: boolean): void {
    room.end(wentWell);
    this.underWay--;
  }

  /** All that may be under way at once is, beside one that each may always have. */
  get isFull(): boolean {
    return this.underWay >= this.shared.inFlight;
  }

  [Symbol.iterator](): IterableIterator<Lane> {
    return this.lanes.values();
  }
}
