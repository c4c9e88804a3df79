import type { Delivery } from '../domain/delivery.js';
import type { Mail } from '../mail/address-changed.mail.js';

/** Hands mails to a server. */
export abstract class Mailer {
  /** Mails it takes at the same time. */
  abstract readonly inFlight: number;

  /** Never throws: what went wrong is the answer. */
  abstract send(mail: Mail): Promise<Delivery>;

  abstract close(): void;
}
