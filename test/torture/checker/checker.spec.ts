import { check } from './check.js';
import { anomalies, type Anomaly } from './findings.js';
import type { Evidence } from './evidence.js';
import { auditOf, goodRun, line, record } from './good-run.js';
import { reportOf } from './report.js';

type Run = Required<Evidence>;
type Bad = (run: Run) => Partial<Evidence>;

const without = (run: Run, eventId: string) => run.log.filter((one) => one.eventId !== eventId);
const groupOf = (run: Run, change: object) => ({
  groups: [{ ...run.groups[0], ...change }] as Run['groups'],
});
const entriesOf = (run: Run, entries: Run['audit']['entries']) => ({ audit: { ...run.audit, entries } });

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

/** What a run looks like when one thing is wrong with it, and what else that one thing shows as. */
const bad: Record<Anomaly, [what: string, run: Bad, also?: Anomaly[]][]> = {
  lost: [
    [
      'a customer that was acknowledged is gone',
      (run) => ({ database: run.database.slice(0, 1), search: run.search.slice(0, 1) }),
    ],
    [
      'a row that went back to an earlier version',
      ({ history }) => ({
        history: [...history, line(20, 'update', 'ok', 'bob', { token: 't9', version: 2 })],
      }),
    ],
    [
      'a row of the right version with another value',
      ({ database, search }) => ({
        database: database.map((row) => (row.customer === 'bob' ? { ...row, tokens: ['t3'] } : row)),
        search: search.map((one) => (one.id === 'b1' ? { ...one, tokens: ['t3'] } : one)),
      }),
    ],
  ],
  'two-writes-one-version': [
    [
      'a write that overwrote another unseen',
      ({ history }) => ({
        history: [...history, line(20, 'update', 'ok', 'ada', { token: 't9', version: 2 })],
      }),
      ['record-differs'],
    ],
  ],
  phantom: [
    [
      'a value that was refused',
      ({ database, search }) => ({
        database: database.map((row) => (row.customer === 'ada' ? { ...row, tokens: ['t5'] } : row)),
        search: search.map((one) => (one.id === 'a1' ? { ...one, tokens: ['t5'] } : one)),
      }),
    ],
    [
      'a value that nobody wrote, in the log alone',
      ({ log }) => ({
        log: log.map((one) => (one.eventId === 'e3' ? { ...one, tokens: ['t3', 'x'] } : one)),
      }),
    ],
  ],
  'stale-read': [
    [
      'a read that does not know what was acknowledged before',
      ({ history }) => ({
        history: [
          ...history,
          line(20, 'read', 'invoke', 'ada'),
          line(21, 'read', 'ok', 'ada', { version: 1 }),
        ],
      }),
    ],
  ],
  'record-missing': [
    ['an event that never reached the log', (run) => ({ log: without(run, 'e1') }), ['effect-unknown']],
  ],
  'record-differs': [
    [
      'a record of another state than was acknowledged',
      ({ log }) => ({ log: log.map((one) => (one.eventId === 'e2' ? { ...one, tokens: ['t1'] } : one)) }),
    ],
  ],
  'offset-reused': [
    [
      'a record that another reader saw with other bytes',
      ({ log }) => ({ log: log.map((one, index) => (index === 0 ? { ...one, crc: 1 } : one)) }),
    ],
    [
      'two records at one offset',
      ({ log }) => ({
        log: log.map((one) => (one.sequenceNumber === 4 ? { ...one, offset: '300' } : one)),
      }),
    ],
  ],
  'two-partitions': [
    [
      'a customer whose events moved',
      ({ log }) => ({
        log: log.map((one) =>
          one.eventId === 'e3' ? { ...one, partition: '1', sequenceNumber: 2, offset: '200' } : one,
        ),
      }),
    ],
  ],
  reordered: [
    [
      'a version that comes first after a later one',
      ({ log, groups }) => ({
        log: log.map((one) => (one.eventId === 'e1' ? { ...one, sequenceNumber: 5, offset: '500' } : one)),
        groups,
      }),
    ],
  ],
  skipped: [
    ['a checkpoint beyond an event that was never applied', (run) => groupOf(run, { aside: [] })],
    [
      'an event applied in an earlier generation only',
      (run) =>
        groupOf(run, {
          movements: run.groups[0]?.movements.map((one) => ({ ...one, generation: 2 })),
          applied: run.groups[0]?.applied.map((one) => ({
            ...one,
            generation: one.eventId === 'e4' ? 1 : 2,
          })),
        }),
    ],
  ],
  'checkpoint-back': [
    [
      'a position that was written over',
      (run) =>
        groupOf(run, {
          movements: [
            ...(run.groups[0]?.movements ?? []),
            { partition: '0', epoch: 2, generation: 1, sequenceNumber: 2 },
          ],
        }),
    ],
  ],
  'checkpoint-ahead': [
    [
      'an effect committed after the checkpoint that passed it',
      (run) =>
        groupOf(run, {
          applied: run.groups[0]?.applied.map((one) =>
            one.eventId === 'e1' ? { ...one, movement: 2 } : one,
          ),
        }),
    ],
  ],
  'stale-commit': [
    [
      'an owner that writes on after it was replaced',
      (run) =>
        groupOf(run, {
          movements: [
            ...(run.groups[0]?.movements ?? []),
            { partition: '0', epoch: 1, generation: 1, sequenceNumber: 4 },
          ],
        }),
    ],
    [
      'a commit by a process that another has replaced',
      (run) =>
        groupOf(run, {
          movements: run.groups[0]?.movements.map((one) => ({ ...one, writer: 'zombie' })),
          leases: [{ partition: '0', epoch: 2, writer: 'its heir' }],
        }),
    ],
  ],
  'effect-missing': [
    [
      'an event without an effect',
      () => ({ effects: [{ consumer: 'audit', eventIds: ['e1', 'e2', 'e3'] }] }),
    ],
  ],
  'effect-doubled': [
    [
      'an event with two effects',
      () => ({ effects: [{ consumer: 'audit', eventIds: ['e1', 'e2', 'e3', 'e4', 'e2'] }] }),
    ],
  ],
  'effect-unknown': [
    [
      'an effect of an event that the log has not',
      () => ({ effects: [{ consumer: 'audit', eventIds: ['e1', 'e2', 'e3', 'e4', 'e5'] }] }),
    ],
  ],
  'effect-reordered': [
    [
      'an effect that overtook one of its customer',
      (run) => ({
        effects: run.effects.map((one) => ({
          ...one,
          inOrder: [
            { subject: 'a1', version: 2 },
            { subject: 'b1', version: 1 },
            { subject: 'a1', version: 1 },
          ],
        })),
      }),
    ],
  ],
  'document-differs': [
    ['a customer who is not found', ({ search }) => ({ search: search.slice(1) })],
    [
      'a document of an earlier state',
      ({ search }) => ({ search: search.map((one) => ({ ...one, tokens: ['t4'] })) }),
    ],
    [
      'a document of an earlier version',
      ({ search }) => ({ search: search.map((one) => ({ ...one, version: 1 })) }),
    ],
    ['a document of nobody', ({ search }) => ({ search: [...search, { id: 'c1', version: 1, tokens: [] }] })],
  ],
  'audit-missing': [
    [
      'a version that the audit lacks',
      (run) =>
        entriesOf(
          run,
          run.audit.entries.filter(({ eventId }) => eventId !== 'e4'),
        ),
    ],
  ],
  'audit-doubled': [
    [
      'a version entered twice',
      ({ audit }) =>
        entriesOf(
          { audit } as Run,
          audit.entries.map((one) => ({ ...one, version: 1 })),
        ),
      ['audit-missing', 'chain-broken'],
    ],
  ],
  'audit-reordered': [
    [
      'entries in another order than the versions',
      ({ audit }) =>
        entriesOf(
          { audit } as Run,
          audit.entries.map((one) => (one.subject === 'a1' ? { ...one, version: 4 - one.version } : one)),
        ),
      ['chain-broken'],
    ],
  ],
  'chain-broken': [
    [
      'an entry that was edited',
      (run) =>
        entriesOf(
          run,
          run.audit.entries.map((one) => (one.eventId === 'e2' ? { ...one, type: 'X' } : one)),
        ),
    ],
    [
      'an entry that was taken out',
      (run) =>
        entriesOf(
          run,
          run.audit.entries.filter(({ eventId }) => eventId !== 'e2'),
        ),
      ['audit-missing'],
    ],
    [
      'an entry that is not linked to the one before',
      (run) =>
        entriesOf(
          run,
          run.audit.entries.map((one) =>
            one.eventId === 'e2' ? { ...one, previousHash: 'ff'.repeat(32) } : one,
          ),
        ),
    ],
  ],
  'tail-cut': [
    [
      'a chain that ends before an end that was seen',
      (run) =>
        entriesOf(
          run,
          run.audit.entries.filter(({ eventId }) => eventId !== 'e3'),
        ),
      ['audit-missing'],
    ],
  ],
};

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
