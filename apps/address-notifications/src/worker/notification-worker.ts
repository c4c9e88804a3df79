import { KeySource } from '@app/consumer';
import type { SendNotification } from '@app/contracts';
import { isUnavailable, Together } from '@app/service-defaults';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { longestSendMs, Mailer } from '../sending/mailer.js';
import { keysFor } from './notices.js';
import { type CarriedOut, type Delivered, Notifier, type Told } from './notifier.js';
import { beginNotifications } from './sql/begin-notifications.js';
import { endNotifications } from './sql/end-notifications.js';

/** PostgreSQL ends a transaction that stands idle for longer; the mails have their answers before. */
const idleLimitMs = longestSendMs + 15_000;

/** What became of a command, what went wrong with it alone, or undefined: somebody else has it in hand. */
type Outcome = Told | { error: unknown } | undefined;

/**
 * Carries out SendNotifications: opens them, asks whether their customers want to be told in this way, mails them and notes what
 * became of them. Those that come at about the same time share a transaction, which holds their records meanwhile. A process
 * that dies between a server's 250 and the commit leaves them queued: they are sent again with the same Message-IDs and
 * idempotency keys.
 */
@Injectable()
export class NotificationWorker implements OnModuleDestroy {
  private readonly notifier: Notifier;
  private readonly together: Together<Delivered, Outcome>;
  private readonly alone: Together<Delivered, Outcome>;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    private readonly mailer: Mailer,
    private readonly keys: KeySource,
  ) {
    this.notifier = new Notifier(mailer);
    // One begins or ends its transaction while the mails of the other are on their way.
    const many = { most: mailer.inFlight, atOnce: 2 };
    this.together = new Together((given) => this.carryOutAll(given, { wait: false }), many);
    this.alone = new Together((given) => this.carryOutAll(given, { wait: true }), { most: 1, atOnce: 4 });
  }

  onModuleDestroy(): void {
    this.mailer.close();
  }

  /** @param deliveries of this command before this one. @throws when the database is away */
  async carryOut(command: SendNotification, deliveries: number): Promise<CarriedOut> {
    const given = { command, deliveries };
    const outcome = (await this.inCompany(given)) ?? (await this.alone.add(given));
    if (!outcome) throw new Error(`the record of notification ${command.notificationId} is not there`);
    if ('error' in outcome) throw outcome.error;
    return outcome.carriedOut;
  }

  private async inCompany(given: Delivered): Promise<Outcome> {
    try {
      return await this.together.add(given);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      return undefined; // one of them is to blame, and it may be another one
    }
  }

  /** In one transaction. */
  private carryOutAll(given: readonly Delivered[], how: { wait: boolean }): Promise<Outcome[]> {
    // A command may be here twice, its lock having expired meanwhile: the last one counts.
    const mine = new Map(given.map((one) => [one.command.notificationId, one]));
    const commands = [...mine.values()].map(({ command }) => command);
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL idle_in_transaction_session_timeout = ${idleLimitMs}`);
      const begun = await beginNotifications(manager, commands, how);
      const held = commands.filter(({ notificationId }) => begun.has(notificationId));
      const keys = await keysFor(this.keys, held);
      const outcomes = await Promise.all(
        given.map(async (one): Promise<Outcome> => {
          const { notificationId } = one.command;
          const record = begun.get(notificationId);
          if (!record || mine.get(notificationId) !== one) return undefined;
          // The others' mails are on their way: what goes wrong here must not undo them.
          return this.notifier.tell(one, record, keys).catch((error: unknown) => ({ error }));
        }),
      );
      const ends = outcomes.flatMap((one) => (one && 'end' in one && one.end ? [one.end] : []));
      if (ends.length > 0) await endNotifications(manager, ends);
      return outcomes;
    });
  }
}
