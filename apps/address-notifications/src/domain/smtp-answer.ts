import type { Delivery } from './delivery.js';

/** What nodemailer's errors carry. */
interface SmtpError {
  message?: string;
  /** nodemailer's own code, such as ECONNECTION. */
  code?: string;
  /** The server's reply code (RFC 5321 §4.2), where one came. */
  responseCode?: number;
  command?: string;
}

/** RFC 5321 §3.8: the server closes the channel, whatever it was asked. */
const closing = 421;

/** Tells a mail's own fault from the server's. A reply to one mail is judged by its first digit (RFC 5321 §4.2.1). */
export function deliveryOf(error: unknown): Delivery {
  const { code, responseCode, command } = error as SmtpError;
  const reason = reasonOf(error as SmtpError);
  const aboutThisMail = code === 'EENVELOPE' || code === 'EMESSAGE' || isMailCommand(command);
  if (responseCode === undefined || responseCode === closing || !aboutThisMail) {
    return { outcome: 'unavailable', reason };
  }
  return responseCode >= 500 ? { outcome: 'refused', reason } : { outcome: 'retry', reason };
}

const isMailCommand = (command: string | undefined): boolean =>
  /^(MAIL FROM|RCPT TO|DATA)/.test(command ?? '');

/** Codes only: a server's text may repeat the recipient's address. */
function reasonOf({ code, responseCode }: SmtpError): string {
  if (responseCode !== undefined) return `smtp-${responseCode}`;
  return code ? `smtp-${code.toLowerCase()}` : 'smtp-error';
}
