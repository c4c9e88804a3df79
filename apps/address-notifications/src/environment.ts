import { z } from 'zod';

export const environment = z.object({
  /** The server that takes the mails: `smtp://user:password@host:port`, `smtps://` for TLS from the start. */
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must be an smtp:// or smtps:// URL')
    .default('smtp://127.0.0.1:1025'),
  /** Whether a server must offer TLS: `required`, unless it is on this machine, or `when-offered`. */
  SMTP_TLS: z.enum(['required', 'when-offered']).optional(),
  /** Where the local mailbox answers over HTTP; not set where a real server takes the mails. */
  MAILBOX_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** What the mails come from. */
  MAIL_FROM: z.string().min(3).default('Customer Service <no-reply@customer-profile.internal>'),
});

/** Whether a server without TLS is refused: on this machine not, unless the setting says so. */
export function isTlsRequired({
  SMTP_URL,
  SMTP_TLS,
}: Pick<z.infer<typeof environment>, 'SMTP_URL' | 'SMTP_TLS'>): boolean {
  if (SMTP_TLS !== undefined) return SMTP_TLS === 'required';
  return !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(SMTP_URL).hostname);
}
