import { customerSchema } from '@app/contracts';
import { z } from 'zod';

const { id, accountNumber, title, givenName, familyName, email, phone, addresses } = customerSchema.shape;

const highlight = z.strictObject({
  pointer: z.string().describe('A JSON pointer (RFC 6901) into the item'),
  ranges: z.array(z.tuple([z.int(), z.int()])).describe('[start, end) in UTF-16 code units of the member'),
});

const found = z.strictObject({
  id,
  accountNumber,
  title,
  givenName,
  familyName,
  email,
  phone,
  addresses,
  score: z.number().min(0).max(1),
  highlights: z.array(highlight),
});

export const searchAnswer = z
  .strictObject({ items: z.array(found), nextCursor: z.string().optional() })
  .meta({
    examples: [
      {
        items: [
          {
            id: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b',
            accountNumber: 'AW00011000',
            givenName: 'Zoë',
            familyName: 'Yáñez',
            addresses: { home: { line1: '1 Harbour Street', city: 'Bergen', country: 'NO' } },
            score: 0.9999,
            highlights: [
              { pointer: '/givenName', ranges: [[0, 3]] },
              { pointer: '/familyName', ranges: [[0, 5]] },
            ],
          },
        ],
        nextCursor: 'bGFzdCBvZiB0aGlzIHBhZ2U',
      },
    ],
  });
