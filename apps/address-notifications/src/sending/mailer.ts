import type { Delivery } from '../domain/delivery.js';
import type { Mail } from '../mail/mail.js';

/** A mail that takes longer is given up, however much its server has to say meanwhile. */
export const longestSendMs = 30_000;

/** Hands mails to a server. */
export abstract class Mailer {
  /** Mails that it hands over at the same time. */
  abstract readonly inFlight: number;

  /** Never throws: what went wrong is the answer, within {@link longestSendMs}. */
  abstract send(mail: Mail): Promise<Delivery>;

  abstract close(): void;
}
