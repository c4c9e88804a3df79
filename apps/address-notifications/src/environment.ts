import { z } from 'zod';

export const environment = z.object({
  /** The server that takes the mails: `smtp://user:password@host:port`, `smtps://` for TLS from the start. */
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must be an smtp:// or smtps:// URL')
    .default('smtp://127.0.0.1:1025'),
  /** What the mails come from. */
  MAIL_FROM: z.string().min(3).default('Customer Service <no-reply@customer-profile.internal>'),
});
