import { type BadRuns, type Run, entriesOf } from './bad-run.js';

/** What may be wrong with the audit. */
export const badAudits = {
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
} satisfies BadRuns;
