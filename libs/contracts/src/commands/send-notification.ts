import { z } from 'zod';

/** The name of the command, which is its message's subject. */
export const sendNotification = 'SendNotification';

/**
 * Tells a customer of something. The queue keeps it in the clear, so personal data in it is sealed as in the event that it
 * tells of.
 */
export const sendNotificationSchema = z.object({
  /** The idempotency key: the id of the event that it tells of. Whoever is told once is not told again. */
  notificationId: z.string().min(1).max(200),
  /** The type of that event. */
  about: z.string().min(1).max(100),
  customerId: z.string().min(1).max(200),
  /** The event's data as it lies on the hub: `{changed, personal}`. */
  data: z.looseObject({ personal: z.string().nullish() }).optional(),
});
export type SendNotification = z.infer<typeof sendNotificationSchema>;
