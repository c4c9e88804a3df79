import { z } from 'zod';

/**
 * The CloudEvents `type` of what tells the audit that somebody has seen a customer's personal data. It is no fact about
 * the customer: it has no version, and consumers pass it over.
 */
export const accessEventType = 'PersonalDataAccessed';
export const accessDataSchemaUri = `/schemas/${accessEventType}/v1.json`;

export const accessDataSchema = z.object({
  access: z
    .enum(['export', 'key'])
    .meta({ description: 'All that is held about the customer, or the key of what is sealed.' }),
  part: z
    .enum(['history'])
    .optional()
    .meta({ description: 'The one part of it that was shown: the values that changed.' }),
  by: z.string().meta({ description: 'Who: the `sub` of the token.' }),
  client: z.string().meta({ description: 'The application that held the token.' }),
});
export type AccessData = z.infer<typeof accessDataSchema>;
