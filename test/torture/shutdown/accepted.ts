import type { Exchange } from '../workload/caller.js';

/** Requests to a process when it was told to end. */
export interface AtTheSignal {
  /** Had been sent, and were not answered yet: each must get its answer. */
  accepted: Exchange[];
  /** Of them, those that did not. */
  failed: Exchange[];
}

/** What a client had sent before `signalMs` must be answered, and by no error of the server's. */
export function atTheSignal(exchanges: readonly Exchange[], signalMs: number): AtTheSignal {
  const accepted = exchanges.filter(
    ({ sentMs = Infinity, endedMs = Infinity }) => sentMs < signalMs && endedMs > signalMs,
  );
  return {
    accepted,
    failed: accepted.filter(({ outcome, status }) => outcome !== 'answered' || status >= 500),
  };
}

/** Answers that ended before their end are wrong at any time. */
export const truncated = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter(({ outcome }) => outcome === 'truncated');

export const told = ({ name, outcome, status }: Exchange): string =>
  `${name.replace(/[\da-f-]{36}/g, 'ID')}: ${outcome === 'answered' ? status : (outcome ?? 'still open')}`;
