import { KeyServiceError, KeySource, openSealed } from '@app/consumer';
import { kidOf, type SendNotification, UnsealError } from '@app/contracts';
import { Counter, metrics } from '@app/service-defaults';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type Notice, noticeOf } from '../domain/address-change.js';
import { type Delivery, mostAttempts } from '../domain/delivery.js';
import { addressChangedMail } from '../mail/address-changed.mail.js';
import { longestSendMs, Mailer } from '../sending/mailer.js';
import { MailServerHealth } from './mail-server-health.js';
import { beginNotification } from './sql/begin-notification.js';
import { endNotification, type NotificationEnd } from './sql/end-notification.js';

/** PostgreSQL ends a transaction that stands idle for longer; the mail has its answer before. */
const idleLimitMs = longestSendMs + 15_000;

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

/**
 * Carries out a SendNotification: opens it, asks whether the customer wants to be told in this way, mails it and notes what
 * became of it, in one transaction that holds the notification's record. A process that dies between the server's 250 and
 * the commit leaves it queued: it is sent again with the same Message-ID and idempotency key.
 */
@Injectable()
export class NotificationWorker implements OnModuleDestroy {
  private readonly health = new MailServerHealth();

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    private readonly mailer: Mailer,
    private readonly keys: KeySource,
  ) {}

  onModuleDestroy(): void {
    this.mailer.close();
  }

  /** @param deliveries of this command before this one. @throws when the database is away */
  carryOut(command: SendNotification, deliveries: number): Promise<CarriedOut> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL idle_in_transaction_session_timeout = ${idleLimitMs}`);
      const { status, content } = await beginNotification(manager, command);
      // Failed before and here again: somebody has redriven it.
      if (status === 'sent' || status === 'skipped') return { outcome: 'done' };
      const notice = content ? { send: true as const, content } : await this.noticeOf(command);
      return this.tell(manager, command, { notice, deliveries });
    });
  }

  private async tell(
    manager: EntityManager,
    { notificationId }: SendNotification,
    { notice, deliveries }: { notice: Notice | Unreachable; deliveries: number },
  ): Promise<CarriedOut> {
    const end = async (result: NotificationEnd, outcome: CarriedOut): Promise<CarriedOut> => {
      await endNotification(manager, notificationId, result);
      return outcome;
    };
    if ('away' in notice) return { outcome: 'unavailable', reason: notice.away };
    if (!notice.send) {
      const { reason } = notice;
      return reason === 'unreadable'
        ? end({ status: 'failed', reason, attempted: false }, { outcome: 'failed', reason })
        : end({ status: 'skipped', reason, attempted: false }, { outcome: 'done' });
    }
    const delivery = await this.deliver(addressChangedMail(notificationId, notice.content));
    if (delivery.outcome === 'sent') return end({ status: 'sent', attempted: true }, { outcome: 'done' });
    const { outcome, reason } = delivery;
    if (outcome === 'unavailable') return { outcome, reason };
    return outcome === 'refused' || deliveries + 1 >= mostAttempts
      ? end({ status: 'failed', reason, attempted: true }, { outcome: 'failed', reason })
      : end({ status: 'queued', reason, attempted: true }, { outcome: 'retry', reason });
  }

  private async noticeOf({ about, customerId, data }: SendNotification): Promise<Notice | Unreachable> {
    try {
      // An erasure finds a notification by its customer: nobody is told under another's name.
      if (data?.personal && kidOf(data.personal) !== customerId) return { send: false, reason: 'unreadable' };
      return noticeOf(await openSealed(this.keys, { type: about, data }));
    } catch (error) {
      if (error instanceof UnsealError) return { send: false, reason: 'unreadable' };
      if (error instanceof KeyServiceError) return { away: 'no-personal-data-keys' };
      throw error;
    }
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

/** What every command needs cannot be had. */
interface Unreachable {
  away: string;
}
