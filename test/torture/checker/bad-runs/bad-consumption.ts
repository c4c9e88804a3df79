import type { CalmEvidence } from '../evidence.js';
import { type BadRuns, groupOf, type Run } from './bad-run.js';

const leaving = ({ calm }: Run, change: Partial<CalmEvidence>) => ({ calm: { ...calm, ...change } });

/** What may be wrong with checkpoints and effects. */
export const badConsumption = {
  'effect-outside': [
    [
      'a row that a handler wrote over a connection of its own',
      (run) => leaving(run, { outside: ['row 1'] }),
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
    ['a row less than without faults', (run) => leaving(run, { found: ['row 1'] })],
  ],
  'effect-doubled': [
    [
      'an event with two effects',
      () => ({ effects: [{ consumer: 'audit', eventIds: ['e1', 'e2', 'e3', 'e4', 'e2'] }] }),
    ],
    ['a row more than without faults', (run) => leaving(run, { found: ['row 1', 'row 1', 'row 1'] })],
  ],
  'effect-unknown': [
    [
      'an effect of an event that the log has not',
      () => ({ effects: [{ consumer: 'audit', eventIds: ['e1', 'e2', 'e3', 'e4', 'e5'] }] }),
    ],
    ['a row that there is not without faults', (run) => leaving(run, { found: ['row 1', 'row 1', 'row 2'] })],
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
} satisfies BadRuns;
