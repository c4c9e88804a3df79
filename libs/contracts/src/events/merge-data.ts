import { z } from 'zod';

/**
 * What CustomersMerged and CustomersUnmerged say beside the change itself. Each of the two customers has an event of its
 * own, at its own version; `role` says which of them the subject is. A merged duplicate is no customer of its own until
 * it is unmerged: nothing happens to it in between.
 */
export const mergeMembers = {
  role: z.enum(['survivor', 'duplicate']).meta({ description: 'Which of the two the subject is.' }),
  mergeId: z.uuid().meta({ description: 'The merge, which its revert names again.' }),
  survivorId: z.uuid().meta({ description: 'Who lives on, with the values of both.' }),
  duplicateId: z.uuid().meta({ description: 'Whose id answers 308 while the two are merged.' }),
};

export type MergeMembers = z.infer<z.ZodObject<typeof mergeMembers>>;
