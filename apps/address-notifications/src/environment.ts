import { z } from 'zod';

export const environment = z.object({
  /** The server that takes the mails: `smtp://user:password@host:port`, `smtps://` for TLS from the start. */
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must be an smtp:// or smtps:// URL')
    .default('smtp://127.0.0.1:1025'),
  /** Where the local mailbox answers over HTTP; not set where a real server takes the mails. */
  MAILBOX_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** What the mails come from. */
  MAIL_FROM: z.string().min(3).default('Customer Service <no-reply@customer-profile.internal>'),
});
