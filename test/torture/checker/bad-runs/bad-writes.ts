import { line } from '../good-run.js';
import { type BadRuns } from './bad-run.js';

/** What may be wrong with the database and what clients were told. */
export const badWrites = {
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
} satisfies BadRuns;
