import { z } from 'zod';

/** What a message is for: a notice about the customer's own address, or a purpose that a consent names. */
export type Purpose = 'own-address' | (string & {});

/** Ways to reach a customer; `none` means not at all. */
export type Channel = 'email' | 'sms' | 'phone' | 'post';

/** Why a customer is not to be told. */
export type Refused = 'no-consent' | 'other-channel';

/** What a customer has said about being told things. */
export const wishesSchema = z.object({
  consents: z.record(z.string(), z.object({ granted: z.boolean() })).default({}),
  preferences: z.record(z.string(), z.unknown()).default({}),
});
export type Wishes = z.infer<typeof wishesSchema>;

/** The preference that names the one channel by which a customer wants to be reached. */
export const channelPreference = 'preferredChannel';

/**
 * Whether a customer may be told something by a channel. A notice about one's own address needs no consent: it is what
 * shows that somebody else has moved one's mail. Anything else needs the consent of its purpose, given and not withdrawn.
 * Who prefers another channel is not reached by this one, whatever it is about.
 */
export function refusalOf(purpose: Purpose, channel: Channel, wishes: Wishes): Refused | undefined {
  if (purpose !== 'own-address' && !isGranted(wishes.consents, purpose)) return 'no-consent';
  const preferred = wishes.preferences[channelPreference];
  const isOther = typeof preferred === 'string' && preferred.trim().toLowerCase() !== channel;
  return isOther ? 'other-channel' : undefined;
}

function isGranted(consents: Wishes['consents'], purpose: string): boolean {
  return Object.hasOwn(consents, purpose) && consents[purpose]?.granted === true;
}
