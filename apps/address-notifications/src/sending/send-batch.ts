import type { DataSource } from 'typeorm';
import { type Counted, type Delivery, nextState } from '../domain/delivery.js';
import { addressChangedMail } from '../mail/address-changed.mail.js';
import { claimNotifications, type ClaimedNotification } from './claim-notifications.js';
import type { Mailer } from './mailer.js';
import { settleNotifications } from './settle-notifications.js';

export interface BatchResult {
  claimed: number;
  sent: number;
  /** Why the server serves nobody at the moment. */
  unavailable?: string;
}

/**
 * Claims up to `most` notifications, mails them and writes what became of each, in one transaction. A process that dies
 * between the server's 250 and the commit leaves them queued: they are sent again with the same Message-ID.
 */
export async function sendBatch(dataSource: DataSource, mailer: Mailer, most: number): Promise<BatchResult> {
  return dataSource.transaction(async (manager) => {
    // The transaction stands idle while the server is talked to: longer than the mailer waits for it.
    await manager.query(`SET LOCAL idle_in_transaction_session_timeout = '60s'`);
    const claimed = await claimNotifications(manager, most);
    if (claimed.length === 0) return { claimed: 0, sent: 0 };

    const deliveries = await deliverAll(claimed, mailer);
    const sent = [...deliveries.values()].filter(({ outcome }) => outcome === 'sent').length;
    const counted = claimed.flatMap(({ id, attempts }) => {
      const delivery = deliveries.get(id);
      const attempt = delivery && countedOf(delivery, sent > 0);
      return attempt ? [{ id, ...nextState(attempts, attempt, Math.random()) }] : [];
    });
    if (counted.length > 0) await settleNotifications(manager, counted);
    const unavailable = sent === 0 ? [...deliveries.values()].find(isUnavailable)?.reason : undefined;
    return { claimed: claimed.length, sent, ...(unavailable === undefined ? {} : { unavailable }) };
  });
}

/** As many at a time as the mailer takes; begins no other one once the server is away. */
async function deliverAll(
  claimed: readonly ClaimedNotification[],
  mailer: Mailer,
): Promise<Map<string, Delivery>> {
  const deliveries = new Map<string, Delivery>();
  const waiting = claimed.values();
  let away = false;
  const worker = async (): Promise<void> => {
    for (const { id, eventId, content } of waiting) {
      if (away) return;
      const delivery = await mailer.send(addressChangedMail(eventId, content));
      away ||= isUnavailable(delivery);
      deliveries.set(id, delivery);
    }
  };
  await Promise.all(Array.from({ length: mailer.inFlight }, worker));
  return deliveries;
}

/** A mail that breaks the connection while others get through is itself to blame. */
function countedOf(delivery: Delivery, othersSent: boolean): Counted | undefined {
  if (!isUnavailable(delivery)) return delivery;
  return othersSent ? { outcome: 'retry', reason: delivery.reason } : undefined;
}

function isUnavailable(delivery: Delivery): delivery is Extract<Delivery, { outcome: 'unavailable' }> {
  return delivery.outcome === 'unavailable';
}
