import type { Delivery } from '../src/domain/delivery.js';
import type { Mail } from '../src/mail/mail.js';
import { Mailer } from '../src/sending/mailer.js';

/** Keeps what it is given, and answers as told. */
export class RecordingMailer extends Mailer {
  readonly inFlight = 3;
  readonly taken: Mail[] = [];
  closed = false;

  constructor(private readonly answer: (mail: Mail) => Delivery = () => ({ outcome: 'sent' })) {
    super();
  }

  async send(mail: Mail): Promise<Delivery> {
    const delivery = this.answer(mail);
    if (delivery.outcome === 'sent') this.taken.push(mail);
    return delivery;
  }

  close(): void {
    this.closed = true;
  }
}

export const eventOf = ({ messageId }: Mail): string => messageId.slice(1, messageId.indexOf('@'));
