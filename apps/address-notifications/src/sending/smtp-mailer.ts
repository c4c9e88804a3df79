import { createTransport, type Transporter } from 'nodemailer';
import type { Delivery } from '../domain/delivery.js';
import { deliveryOf } from '../domain/smtp-answer.js';
import type { Mail } from '../mail/mail.js';
import { compose } from './compose.js';
import { longestSendMs, Mailer } from './mailer.js';

/** Connections to the SMTP server, kept open. */
const connections = 10;
/** A server that says nothing for so long is taken for gone. */
const silenceMs = 10_000;

export interface SmtpOptions {
  /** What the mails come from. */
  from: string;
  /** Refuses a server that offers no TLS (STARTTLS, RFC 3207); `smtps://` is TLS from the start. */
  requireTls: boolean;
  /** A mail that takes longer is given up. */
  limitMs?: number;
}

export class SmtpMailer extends Mailer {
  readonly inFlight = connections;
  private readonly transport: Transporter;

  constructor(
    url: string,
    private readonly options: SmtpOptions,
  ) {
    super();
    this.transport = createTransport({
      url,
      requireTLS: options.requireTls,
      tls: { minVersion: 'TLSv1.2' },
      pool: true,
      maxConnections: connections,
      maxMessages: Number.POSITIVE_INFINITY,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: silenceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(mail: Mail): Promise<Delivery> {
    const limit = new AbortController();
    // Its connection is closed then: the server may have taken the mail, and takes it again with its Message-ID.
    const timer = setTimeout(() => limit.abort(), this.options.limitMs ?? longestSendMs);
    try {
      await this.transport.sendMail({ ...compose(this.options.from, mail), signal: limit.signal });
      return { outcome: 'sent' };
    } catch (error) {
      return limit.signal.aborted ? { outcome: 'unavailable', reason: 'smtp-too-slow' } : deliveryOf(error);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.transport.close();
  }
}
