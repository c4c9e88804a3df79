import type { WantedEvent } from '../runtime/select-events.js';
import type { Failure } from './failure.js';

/** Taken in every consumer, whatever it wants: who is erased waits for nobody and leaves nothing behind. */
export const erasure = 'CustomerErased';

export interface AsideEvent {
  event: WantedEvent;
  /** Why, if it is the event's own failure; otherwise it waits behind another of its customer. */
  failure: Failure | undefined;
}

export interface Divided {
  /** To be handled now, in order. */
  fresh: WantedEvent[];
  /** Handled before. */
  duplicates: WantedEvent[];
  /** To be set aside, in order. */
  aside: AsideEvent[];
  /** Behind an erasure there is nothing to wait for: these are dropped. */
  dropped: WantedEvent[];
  /** Customers who are erased in this batch. */
  erased: string[];
}

export interface Known {
  /** Keys of events that have been handled. */
  applied: ReadonlySet<string>;
  /** Customers who have events set aside. */
  waiting: ReadonlySet<string>;
  /** Events of this batch that cannot be handled, by key. */
  failures: ReadonlyMap<string, Failure>;
}

/** Whose order an event keeps: its subject's, or nobody's but its own. */
export function customerOf({ attributes, key }: WantedEvent): string {
  return attributes.subject ?? key;
}

export const isErasure = ({ attributes }: WantedEvent): boolean =>
  attributes.type === erasure && attributes.subject !== undefined;

/** Sorts a batch of one partition: whoever has an event set aside gets the later ones set aside too. */
export function divide(events: readonly WantedEvent[], { applied, waiting, failures }: Known): Divided {
  const divided: Divided = { fresh: [], duplicates: [], aside: [], dropped: [], erased: [] };
  const blocked = new Set(waiting);
  // The same event may come twice within one batch, too: a relay that died before its commit sends again.
  const seen = new Set<string>();
  for (const event of events) {
    const customer = customerOf(event);
    if (applied.has(event.key) || seen.has(event.key)) {
      divided.duplicates.push(event);
      continue;
    }
    seen.add(event.key);
    if (isErasure(event)) forget(divided, blocked, customer);
    const failure = failures.get(event.key);
    if (failure) blocked.add(customer);
    if (blocked.has(customer)) divided.aside.push({ event, failure });
    else divided.fresh.push(event);
  }
  return divided;
}

function forget(divided: Divided, blocked: Set<string>, customer: string): void {
  blocked.delete(customer);
  divided.erased.push(customer);
  const stays = ({ event }: AsideEvent) => customerOf(event) !== customer;
  divided.dropped.push(...divided.aside.filter((aside) => !stays(aside)).map(({ event }) => event));
  divided.aside = divided.aside.filter(stays);
}
