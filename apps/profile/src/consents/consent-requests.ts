import { plainText } from '@app/contracts';
import { z } from 'zod';

/** What a consent is for, such as `marketing`; one word of the organisation's own. */
export const purposeParam = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'the purpose must be a short name, such as marketing');

/** Clocks of two machines differ; a consent of tomorrow is a mistake. */
const clockDifferenceMs = 5 * 60_000;

const at = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time with an offset' })
  .refine((time) => !(Date.parse(time) > Date.now() + clockDifferenceMs), 'must not lie in the future');

export const consentBody = z
  .strictObject({
    granted: z.boolean(),
    /** When the person said so; now, unless told. */
    at: at.optional(),
    /** Where: a form, a call, a shop. */
    source: plainText(100).trim().min(1).optional(),
    /** What shows it: the reference of a recording, a document, a double opt-in. */
    proof: plainText(1_000).trim().min(1).optional(),
  })
  .meta({ examples: [{ granted: true, source: 'web form', proof: 'form 17' }] });
export type ConsentBody = z.infer<typeof consentBody>;
