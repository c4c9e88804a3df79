import type { SubscriptionRow } from '../subscriptions/subscription-row.js';
import type { Claimed } from './claim-deliveries.js';
import { Room } from './room.js';
import { mostPerSubscription } from '../egress/handler-clients.js';

const firstRoom = 4;

/** What this process has claimed for one subscription. */
export class Lane {
  readonly room = new Room({ most: mostPerSubscription, least: 1 }, firstRoom);
  /** Claimed, and waiting for room. */
  readonly held: Claimed[] = [];
  /** Claims that are not settled yet: held, under way, or being written down. */
  claims = 0;
  /** The last look found fewer than were asked for: nothing more is due until somebody says so. */
  isDry = false;
  /** Nothing more is claimed for a subscription that is gone, or whose handler has yet to agree. */
  isOpen = true;

  constructor(public row: SubscriptionRow) {}

  /** Half of what should be at hand is gone, and there may be more. */
  get isLow(): boolean {
    return this.isOpen && !this.isDry && this.held.length <= this.room.ahead / 2;
  }
}

export interface Shared {
  /** Deliveries under way over all lanes, beside one that each may always have. */
  inFlight: number;
  /** Claims over all lanes, beside one that each may always have: what is held in memory. */
  claims: number;
}

/** What each lane may have under way when all that have work get the same. */
export function fairShare(lanes: ReadonlyMap<string, Lane>, { inFlight }: Shared): number {
  let active = 0;
  for (const { claims } of lanes.values()) if (claims > 0) active++;
  return Math.max(1, Math.floor(inFlight / Math.max(1, active)));
}

/**
 * Shares out what all may have claimed at once. Each lane may always have one, so that those who fill the rest keep nobody
 * out, and none more than is fair.
 * @returns how many to claim, by subscription
 */
export function shareOut(lanes: ReadonlyMap<string, Lane>, shared: Shared): Map<string, number> {
  const fair = fairShare(lanes, shared);
  let left = shared.claims;
  for (const { claims } of lanes.values()) left -= Math.max(0, claims - 1);
  const shares = new Map<string, number>();
  for (const [id, { room, held, claims, isOpen }] of lanes) {
    if (!isOpen) continue;
    const allowed = Math.min(room.allowed, fair);
    const ahead = Math.min(room.ahead, 3 * fair);
    if (held.length > ahead / 2) continue;
    const own = claims === 0 ? 1 : 0;
    const more = Math.max(0, Math.min(allowed + ahead - room.underWay - held.length - own, left));
    left -= more;
    if (own + more > 0) shares.set(id, own + more);
  }
  return shares;
}
