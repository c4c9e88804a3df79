import type { CalmEvidence, LogObservation } from './evidence.js';
import type { Findings } from './findings.js';

/** Effects of a consumer that nobody knows: what faults left is what a run without faults leaves, no more and no less. */
export function checkAgainstCalm(
  { consumer, calm, found, outside, sent }: CalmEvidence,
  log: readonly LogObservation[],
  findings: Findings,
): void {
  const left = new Map<string, number>();
  for (const line of found) left.set(line, (left.get(line) ?? 0) + 1);
  const known = new Set(calm);
  for (const line of calm) {
    const count = left.get(line) ?? 0;
    if (count === 0) findings.add('effect-missing', `${consumer}: ${line}`);
    else left.set(line, count - 1);
  }
  for (const [line, count] of left)
    if (count > 0)
      findings.add(known.has(line) ? 'effect-doubled' : 'effect-unknown', `${consumer}: ${line}`);
  const records = new Set(log.map(({ eventId }) => eventId));
  for (const id of sent) if (!records.has(id)) findings.add('record-missing', `${id} was acknowledged`);
  for (const row of outside) findings.add('effect-outside', `${consumer}: ${row}`);
}
