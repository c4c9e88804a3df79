import type { NoticeContent } from '../domain/address-change.js';
import { addressChangedHtml } from './address-changed.html.js';
import { addressChangedText } from './address-changed.text.js';

/** A mail, ready to be sent. */
export interface Mail {
  messageId: string;
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

export function addressChangedMail(eventId: string, content: NoticeContent): Mail {
  const { recipient, kind, after } = content;
  return {
    messageId: `<${messageIdOf(eventId)}>`,
    to: { name: recipient.name, address: recipient.email },
    subject: `Your ${kind} address has been ${after ? 'changed' : 'removed'}`,
    text: addressChangedText(content),
    html: addressChangedHtml(content),
  };
}
