import { createTransport, type Transporter } from 'nodemailer';
import type { Delivery } from '../domain/delivery.js';
import { deliveryOf } from '../domain/smtp-answer.js';
import type { Mail } from '../mail/address-changed.mail.js';
import { longestSendMs, Mailer } from './mailer.js';

/** Connections to the SMTP server, kept open. */
const connections = 5;
/** A server that says nothing for so long is taken for gone. */
const silenceMs = 10_000;

export class SmtpMailer extends Mailer {
  readonly inFlight = connections;
  private readonly transport: Transporter;

  constructor(
    url: string,
    private readonly from: string,
    private readonly limitMs = longestSendMs,
  ) {
    super();
    this.transport = createTransport({
      url,
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
    // Its connection is closed then: the server may have taken the mail, and takes it again with its Message-ID.
    const signal = AbortSignal.timeout(this.limitMs);
    try {
      await this.transport.sendMail({
        from: this.from,
        ...mail,
        // RFC 3834 §5: nobody's absence notice answers this.
        headers: { 'Auto-Submitted': 'auto-generated' },
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
