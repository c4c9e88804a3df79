import { createTransport, type Transporter } from 'nodemailer';
import type { Delivery } from '../domain/delivery.js';
import { deliveryOf } from '../domain/smtp-answer.js';
import type { Mail } from '../mail/address-changed.mail.js';
import { Mailer } from './mailer.js';

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
    try {
      await this.transport.sendMail({
        from: this.from,
        ...mail,
        // RFC 3834 §5: nobody's absence notice answers this.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { outcome: 'sent' };
    } catch (error) {
      return deliveryOf(error);
    }
  }

  close(): void {
    this.transport.close();
  }
}
