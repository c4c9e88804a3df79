/** A mail, ready to be sent. Sent again, it has the same Message-ID and the same idempotency key. */
export interface Mail {
  messageId: string;
  idempotencyKey: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
}

/**
 * Fixed, whatever host sends: the same event has the same Message-ID, by which a mailbox knows a mail sent twice. Short
 * enough for the header to stay on one line.
 */
const messageIdDomain = 'profile.internal';

export const messageIdOf = (eventId: string): string => `${encodeURIComponent(eventId)}@${messageIdDomain}`;
