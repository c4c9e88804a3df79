import type { NoticeContent } from '../domain/address-change.js';
import { linesOf } from './address-lines.js';
import { MailTemplate } from './mail-template.js';
import { type Mail, messageIdOf } from './mail.js';

const template = new MailTemplate('address-changed');

export function addressChangedMail(eventId: string, content: NoticeContent): Mail {
  const { recipient, language, kind, before, after } = content;
  const view = {
    name: recipient.name,
    before: before && { lines: linesOf(before) },
    after: after && { lines: linesOf(after) },
  };
  return {
    messageId: `<${messageIdOf(eventId)}>`,
    idempotencyKey: eventId,
    to: { name: recipient.name, address: recipient.email },
    ...template.render(language, kind, view),
  };
}
