import { type BadRuns, without } from './bad-run.js';

/** What may be wrong with the log. */
export const badLogs = {
  'record-missing': [
    ['an event that never reached the log', (run) => ({ log: without(run, 'e1') }), ['effect-unknown']],
    [
      'an event that was acknowledged to its sender only',
      (run) => ({ calm: { ...run.calm, sent: ['e1', 'e9'] } }),
    ],
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
} satisfies BadRuns;
