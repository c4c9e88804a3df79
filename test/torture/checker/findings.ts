/** What can be wrong, by the numbers of "The checker" in the reliability paper. */
export const anomalies = {
  lost: 'an acknowledged write is not in the database at its version',
  'two-writes-one-version': 'two writes were acknowledged with the same version of a customer',
  phantom: 'the platform holds a value that no write may have put there',
  'stale-read': 'a read answered a version older than one acknowledged before it began',
  'record-missing': 'a committed version has no record in the log',
  'record-differs': 'a record does not hold what was acknowledged at its version',
  'offset-reused': 'one place of the log was seen with two contents',
  'two-partitions': 'a customer is in two partitions',
  reordered: 'the first record of a version comes after one of a later version',
  skipped: 'a group has passed a wanted event and never applied it',
  'checkpoint-back': 'a checkpoint went back within a generation',
  'checkpoint-ahead': 'a checkpoint was committed before what it passes was applied',
  'stale-commit': 'a checkpoint was committed by an owner that had been replaced',
  'effect-missing': 'an event has no effect',
  'effect-doubled': 'an event has more than one effect',
  'effect-unknown': 'an effect belongs to no event of the log',
  'effect-outside': 'an effect was committed in another transaction than the position that passes its event',
  'effect-reordered': 'an effect of a customer came before that of an earlier version',
  'document-differs': 'a search document is not the fold of the database',
  'audit-missing': 'a version has no audit entry',
  'audit-doubled': 'a version has more than one audit entry',
  'audit-reordered': 'a customer’s audit entries are not in version order',
  'chain-broken': 'the audit chain does not verify',
  'tail-cut': 'the audit chain no longer holds an end that was seen',
} as const;

export type Anomaly = keyof typeof anomalies;

export interface Finding {
  anomaly: Anomaly;
  count: number;
  /** The first few. */
  examples: string[];
}

const mostExamples = 5;

/** Collects what is wrong: everything is counted, the first examples are kept. */
export class Findings {
  private readonly found = new Map<Anomaly, Finding>();

  add(anomaly: Anomaly, example: string): void {
    const finding = this.found.get(anomaly) ?? { anomaly, count: 0, examples: [] };
    this.found.set(anomaly, finding);
    finding.count++;
    if (finding.examples.length < mostExamples) finding.examples.push(example);
  }

  get all(): Finding[] {
    return [...this.found.values()];
  }
}
