import { pageOf } from '@app/service-defaults';
import { z } from 'zod';

const time = z.iso.datetime();
const eventId = '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1d';
const customerId = '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b';

const partition = z.strictObject({
  partitionId: z.string(),
  owner: z.string().nullable().describe('The process that reads it.'),
  sequenceNumber: z.int().describe('The last event that is done with, -1 before the first.'),
  lagEvents: z.number().nullable(),
  lagSeconds: z.number().nullable(),
});

export const statusAnswer = z
  .strictObject({
    consumerGroup: z.string(),
    paused: z.boolean(),
    partitions: z.array(partition),
    retrying: z.int(),
    parked: z.int(),
  })
  .meta({
    examples: [
      {
        consumerGroup: 'audit',
        paused: false,
        partitions: [{ partitionId: '0', owner: 'a1', sequenceNumber: 41, lagEvents: 0, lagSeconds: 0 }],
        retrying: 0,
        parked: 0,
      },
    ],
  });

const setAside = z.strictObject({
  eventId: z.string(),
  type: z.string(),
  source: z.string(),
  customerId: z.string(),
  state: z.enum(['retrying', 'parked']),
  reason: z.string().nullable(),
  attempts: z.int(),
  firstFailedAt: time.nullable(),
  lastFailedAt: time.nullable(),
  nextAttemptAt: time.nullable(),
  stackDigest: z.string().nullable().describe('The same for failures from the same place in the code.'),
  waitingBehind: z.int().describe('Later events of the customer, which wait in order.'),
  partitionId: z.string(),
  sequenceNumber: z.int(),
});

export const parkedAnswer = pageOf(setAside).meta({
  examples: [
    {
      items: [
        {
          eventId,
          type: 'AddressChanged',
          source: '/profile',
          customerId,
          state: 'parked',
          reason: 'Error: no such street',
          attempts: 5,
          firstFailedAt: '2026-01-31T09:30:00.000Z',
          lastFailedAt: '2026-01-31T09:30:30.000Z',
          nextAttemptAt: null,
          stackDigest: '5f5f5f5f5f5f',
          waitingBehind: 2,
          partitionId: '0',
          sequenceNumber: 41,
        },
      ],
    },
  ],
});

export const parkedEventAnswer = z
  .strictObject({
    eventId: z.string(),
    type: z.string(),
    source: z.string(),
    customerId: z.string(),
    state: z.enum(['retrying', 'parked']),
    setAsideAt: time,
    partitionId: z.string(),
    sequenceNumber: z.int(),
    message: z.record(z.string(), z.unknown()).describe('The AMQP message, without its body.'),
    body: z.string().describe('Base64.'),
  })
  .meta({
    examples: [
      {
        eventId,
        type: 'AddressChanged',
        source: '/profile',
        customerId,
        state: 'parked',
        setAsideAt: '2026-01-31T09:30:00.000Z',
        partitionId: '0',
        sequenceNumber: 41,
        message: {},
        body: 'e30=',
      },
    ],
  });

export const redrivenAnswer = z
  .strictObject({ customers: z.int().describe('Whose events are tried again.') })
  .meta({ examples: [{ customers: 1 }] });

export const faultsAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        customerId: z.string(),
        timesLeft: z.int().nullable().describe('Failures still to come; null until it is taken back.'),
      }),
    ),
  })
  .meta({ examples: [{ items: [{ customerId, timesLeft: 3 }] }] });

export const effectAnswer = z
  .strictObject({
    eventId: z.string(),
    consumerGroup: z.string(),
    state: z.enum(['pending', 'applied', 'ignored', 'retrying', 'parked', 'discarded']),
    at: time.optional(),
    waitingBehind: z.int().optional(),
  })
  .meta({
    examples: [{ eventId, consumerGroup: 'audit', state: 'applied', at: '2026-01-31T09:30:00.020Z' }],
  });

export const heldAnswer = z
  .strictObject({ consumerGroup: z.string(), held: z.record(z.string(), z.unknown()) })
  .meta({ examples: [{ consumerGroup: 'audit', held: { setAside: { events: [] } } }] });
