import type { KeySource } from '@app/consumer';
import type { SendNotification } from '@app/contracts';
import { Counter, metrics } from '@app/service-defaults';
import type { Notice } from '../domain/address-change.js';
import { type Delivery, mostAttempts } from '../domain/delivery.js';
import { addressChangedMail } from '../mail/address-changed.mail.js';
import type { Mailer } from '../sending/mailer.js';
import { MailServerHealth } from './mail-server-health.js';
import { noticeFor, type Unreachable } from './notices.js';
import type { BegunNotification } from './sql/begin-notifications.js';
import type { NotificationEnd } from './sql/end-notifications.js';

const mails = new Counter({
  name: 'notification_mails_sent_total',
  help: 'Mails that the SMTP server has taken',
  registers: [metrics],
});

/** What became of a command. */
export type CarriedOut =
  | { outcome: 'done' }
  /** Refused for now, or the server is away: later. */
  | { outcome: 'retry' | 'unavailable'; reason: string }
  /** Nobody can do it as it is. */
  | { outcome: 'failed'; reason: string };

/** A command, and how often it was delivered before. */
export interface Delivered {
  command: SendNotification;
  deliveries: number;
}

/** What became of a command, and of its record where that changes. */
export interface Told {
  carriedOut: CarriedOut;
  end?: NotificationEnd;
}

/** Tells customers, one command at a time or several. */
export class Notifier {
  private readonly health = new MailServerHealth();

  constructor(private readonly mailer: Mailer) {}

  /** @param record which the caller holds */
  async tell(
    { command, deliveries }: Delivered,
    { status, content }: BegunNotification,
    keys: Pick<KeySource, 'fetch'>,
  ): Promise<Told> {
    // Failed before and here again: somebody has redriven it.
    if (status === 'sent' || status === 'skipped') return { carriedOut: { outcome: 'done' } };
    const notice = content ? { send: true as const, content } : await noticeFor(keys, command);
    const { notificationId } = command;
    if ('away' in notice || !notice.send) return untold(notificationId, notice);
    const delivery = await this.deliver(addressChangedMail(notificationId, notice.content));
    const attempt = { notificationId, attempted: true };
    if (delivery.outcome === 'sent')
      return { carriedOut: { outcome: 'done' }, end: { ...attempt, status: 'sent' } };
    const { outcome, reason } = delivery;
    if (outcome === 'unavailable') return { carriedOut: { outcome, reason } };
    return outcome === 'refused' || deliveries + 1 >= mostAttempts
      ? { carriedOut: { outcome: 'failed', reason }, end: { ...attempt, status: 'failed', reason } }
      : { carriedOut: { outcome: 'retry', reason }, end: { ...attempt, status: 'queued', reason } };
  }

  private async deliver(mail: Parameters<Mailer['send']>[0]): Promise<Delivery> {
    const begun = performance.now();
    const delivery = await this.mailer.send(mail);
    if (delivery.outcome === 'sent') {
      this.health.noteServed();
      mails.inc();
    }
    return delivery.outcome === 'unavailable' && this.health.hasServedSince(begun)
      ? { outcome: 'retry', reason: delivery.reason }
      : delivery;
  }
}

function untold(notificationId: string, notice: Unreachable | Exclude<Notice, { send: true }>): Told {
  if ('away' in notice) return { carriedOut: { outcome: 'unavailable', reason: notice.away } };
  const { reason } = notice;
  const end = { notificationId, attempted: false, reason };
  return reason === 'unreadable'
    ? { carriedOut: { outcome: 'failed', reason }, end: { ...end, status: 'failed' } }
    : { carriedOut: { outcome: 'done' }, end: { ...end, status: 'skipped' } };
}
