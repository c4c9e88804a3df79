/** What one consumer group has made of an event. */
export const effectStates = ['pending', 'applied', 'ignored', 'retrying', 'parked', 'discarded'] as const;
export type EffectState = (typeof effectStates)[number];

export interface GroupEffect {
  state: EffectState;
  /** When, ISO 8601; absent where nobody noted it. */
  at?: string;
  /** Events of the same customer that wait behind a parked one. */
  waitingBehind?: number;
}

export interface Effects {
  eventId: string;
  /** Whether every group has dealt with the event, for good or until somebody acts. */
  settled: boolean;
  groups: Record<string, GroupEffect>;
}

export function isSettled({ state }: GroupEffect): boolean {
  return state !== 'pending' && state !== 'retrying';
}

export function effectsOf(eventId: string, groups: ReadonlyMap<string, GroupEffect>): Effects {
  return { eventId, settled: [...groups.values()].every(isSettled), groups: Object.fromEntries(groups) };
}
