import type { Evidence } from '../evidence.js';
import type { Anomaly } from '../findings.js';

export type Run = Required<Evidence>;
type Bad = (run: Run) => Partial<Evidence>;

/** Runs in which one thing is wrong: what, how the run came to be so, and what else that one thing shows as. */
export type BadRuns = Partial<Record<Anomaly, [what: string, run: Bad, also?: Anomaly[]][]>>;

export const without = (run: Run, eventId: string) => run.log.filter((one) => one.eventId !== eventId);
export const groupOf = (run: Run, change: object) => ({
  groups: [{ ...run.groups[0], ...change }] as Run['groups'],
});
export const entriesOf = (run: Run, entries: Run['audit']['entries']) => ({
  audit: { ...run.audit, entries },
});
