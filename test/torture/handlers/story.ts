import type { Customer, CustomerEvent } from '@app/contracts';

/** One customer's events in order, and the state after each. */
export interface Story {
  id: string;
  erased: boolean;
  /** It lives on in another customer. */
  mergedAway: boolean;
  events: CustomerEvent<unknown>[];
  states: Customer[];
}
