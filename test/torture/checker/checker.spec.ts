import { auditOf, goodRun, line, record } from './good-run.js';
import { badAudits } from './bad-runs/bad-audits.js';
import { badConsumption } from './bad-runs/bad-consumption.js';
import { badLogs } from './bad-runs/bad-logs.js';
import { type BadRuns, groupOf, type Run } from './bad-runs/bad-run.js';
import { badWrites } from './bad-runs/bad-writes.js';
import { check } from './check.js';
import type { Evidence } from './evidence.js';
import { anomalies } from './findings.js';
import { reportOf } from './report.js';

const bad: Required<BadRuns> = { ...badWrites, ...badLogs, ...badConsumption, ...badAudits };

/** With two acts of an administrator on one of the customers: events of no version. */
function withActs(run: Run): Pick<Evidence, 'history' | 'database' | 'log' | 'audit' | 'groups'> {
  const acts = [5, 6].map((n) =>
    Object.assign(record('0', n, `act ${n}`, 'a1', Number.NaN, ''), { inboxKey: `key ${n}`, tokens: [] }),
  );
  const log = [...run.log, ...acts];
  const [group] = run.groups;
  const moved = { partition: '0', epoch: 2, generation: 1, sequenceNumber: 6 };
  const applied = acts.map(({ inboxKey: eventId }) => ({ eventId, generation: 1, movement: 3 }));
  const groups = groupOf(run, {
    movements: [...(group?.movements ?? []), moved],
    applied: [...(group?.applied ?? []), ...applied],
  });
  const entries = auditOf(log.filter(({ observer }, index) => observer === 'reader' && index !== 3)).entries;
  for (const entry of entries) entry.version ||= 0;
  const audit = { entries, heads: [] };
  return { history: run.history, database: run.database, log, audit, ...groups };
}

describe('the checker', () => {
  it('finds nothing in a good run', () => expect(check(goodRun())).toEqual([]));

  it('asks nothing of the order of events that are no versions', () =>
    expect(check(withActs(goodRun()))).toEqual([]));

  const cases = Object.entries(bad).flatMap(([anomaly, runs]) =>
    runs.map(([what, change, also = []]) => ({ what, anomaly, change, also })),
  );
  it.each(cases)('calls $what "$anomaly"', ({ anomaly, change, also }) => {
    const run = goodRun();
    const found = check({ ...run, ...change(run) }).map((finding) => finding.anomaly);
    expect(found).toContain(anomaly);
    expect(found.filter((one) => one !== anomaly && !also.includes(one))).toEqual([]);
  });

  it('has a bad run for everything it can find', () => {
    expect(Object.keys(bad).toSorted()).toEqual(Object.keys(anomalies).toSorted());
  });

  it('takes a write without an answer for one that may have happened, either way', () => {
    const run = goodRun();
    const never = line(20, 'update', 'info', 'bob', { token: 't9' });
    expect(check({ ...run, history: [...run.history, never] })).toEqual([]);
  });

  it('counts everything and shows the first examples', () => {
    const log = Array.from({ length: 40 }, (_, n) => record('0', n + 10, `x${n}`, 'a1', n + 4, 't3'));
    const run = goodRun();
    const findings = check({ log: [...run.log, ...log], effects: run.effects });
    expect(findings).toMatchObject([{ anomaly: 'effect-missing', count: 40 }]);
    expect(findings[0]?.examples).toHaveLength(5);
    const text = reportOf({
      name: 'T4',
      seed: 7,
      figures: { writes: 30_000 },
      findings,
      keptAt: '/somewhere',
    });
    expect(text).toContain('✗ T4: writes 30,000 (SEED=7)');
    expect(text).toContain('effect-missing: 40 (an event has no effect)');
    expect(text).toContain('kept in /somewhere');
  });
});
