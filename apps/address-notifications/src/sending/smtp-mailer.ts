import { createTransport, type Transporter } from 'nodemailer';
import type { Delivery } from '../domain/delivery.js';
import { deliveryOf } from '../domain/smtp-answer.js';
import type { Mail } from '../mail/mail.js';
import { longestSendMs, Mailer } from './mailer.js';

/** Connections to the SMTP server, kept open. */
const connections = 5;
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

  async send({ idempotencyKey, ...mail }: Mail): Promise<Delivery> {
    // Its connection is closed then: the server may have taken the mail, and takes it again with its Message-ID.
    const signal = AbortSignal.timeout(this.options.limitMs ?? longestSendMs);
    try {
      await this.transport.sendMail({
        from: this.options.from,
        ...mail,
        // RFC 3834 §5: nobody's absence notice answers this.
        headers: { 'Auto-Submitted': 'auto-generated', 'Idempotency-Key': idempotencyKey },
        signal,
      });
      return { outcome: 'sent' };
    } catch (error) {
      return signal.aborted ? { outcome: 'unavailable', reason: 'smtp-too-slow' } : deliveryOf(error);
    }
  }

  close(): void {
    this.transport.close();
  }
}
