import { pageOf } from '@app/service-defaults';
import { z } from 'zod';

const hexHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('Hexadecimal SHA-256.');
const exampleHash = '5f'.repeat(32);

const entry = z.strictObject({
  id: z.string(),
  partitionId: z.int(),
  position: z.int(),
  type: z.string(),
  source: z.string(),
  customerId: z.uuid().nullable(),
  sequenceNumber: z.int(),
  enqueuedAt: z.iso.datetime(),
  recordedAt: z.iso.datetime(),
  headers: z.record(z.string(), z.unknown()).describe('The application properties as they were received.'),
  data: z.unknown().optional().describe('Where it is JSON; personal data sealed.'),
  dataBase64: z.string().optional().describe('Where it is not.'),
  previousHash: hexHash,
  hash: hexHash,
});

export const entriesAnswer = pageOf(entry).meta({
  examples: [
    {
      items: [
        {
          id: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1d',
          partitionId: 2,
          position: 1,
          type: 'AddressChanged',
          source: '/profile',
          customerId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b',
          sequenceNumber: 41,
          enqueuedAt: '2026-01-31T09:30:00.000Z',
          recordedAt: '2026-01-31T09:30:00.020Z',
          headers: { cloudEvents_type: 'AddressChanged' },
          data: { changed: ['addresses.home'], personal: 'eyJhbGciOiJkaXIi…' },
          previousHash: '00'.repeat(32),
          hash: exampleHash,
        },
      ],
    },
  ],
});

export const verifyAnswer = z
  .strictObject({
    valid: z.boolean(),
    entries: z.int().describe('Found to be what was written.'),
    firstBad: z
      .strictObject({
        partitionId: z.int(),
        position: z.int(),
        eventId: z.string().optional(),
        reason: z.string(),
      })
      .optional(),
  })
  .meta({
    examples: [
      { valid: true, entries: 21_109 },
      { valid: false, entries: 12, firstBad: { partitionId: 0, position: 13, reason: 'missing' } },
    ],
  });

export const headsAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        partitionId: z.int(),
        position: z.int(),
        hash: hexHash,
        publishedAt: z.iso.datetime(),
        signed: z.string().describe('The same as a compact JWS (RFC 7515).'),
      }),
    ),
  })
  .meta({
    examples: [
      {
        items: [
          {
            partitionId: 0,
            position: 12,
            hash: exampleHash,
            publishedAt: '2026-01-31T09:30:01.000Z',
            signed: 'eyJhbGciOiJFZERTQSJ9.eyJ…',
          },
        ],
      },
    ],
  });

export const keyAnswer = z
  .looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })
  .meta({
    examples: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
  });
