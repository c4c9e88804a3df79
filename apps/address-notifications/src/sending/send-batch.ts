import type { DataSource } from 'typeorm';
import { type Counted, type Delivery, nextState } from '../domain/delivery.js';
import { addressChangedMail } from '../mail/address-changed.mail.js';
import { claimNotifications, type ClaimedNotification } from './claim-notifications.js';
import { longestSendMs, type Mailer } from './mailer.js';
import { settleNotifications } from './settle-notifications.js';

/** After so long a batch begins no other mail: what it has got done is kept, however slow the server is. */
const beginWithinMs = 15_000;
/** PostgreSQL ends a transaction that stands idle for longer; the last mail that was begun has its answer before. */
const idleLimitMs = beginWithinMs + longestSendMs + 15_000;

export interface BatchResult {
  claimed: number;
  sent: number;
  /** Why the server serves nobody at the moment. */
  unavailable?: string;
}

/**
 * Claims up to `most` notifications, mails them and writes what became of each, in one transaction. A process that dies
 * between the server's 250 and the commit leaves them queued: they are sent again with the same Message-ID.
 * @param closing begins no other mail once it is aborted. What was not begun stays as it was.
 */
export async function sendBatch(
  dataSource: DataSource,
  mailer: Mailer,
  most: number,
  closing: AbortSignal,
): Promise<BatchResult> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL idle_in_transaction_session_timeout = ${idleLimitMs}`);
    const claimed = await claimNotifications(manager, most);
    if (claimed.length === 0) return { claimed: 0, sent: 0 };

    const deliveries = await deliverAll(
      claimed,
      mailer,
      AbortSignal.any([closing, AbortSignal.timeout(beginWithinMs)]),
    );
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

/** As many at a time as the mailer takes; begins no other one once the server is away or it is `enough`. */
async function deliverAll(
  claimed: readonly ClaimedNotification[],
  mailer: Mailer,
  enough: AbortSignal,
): Promise<Map<string, Delivery>> {
  const deliveries = new Map<string, Delivery>();
  const waiting = claimed.values();
  let away = false;
  const worker = async (): Promise<void> => {
    for (const { id, eventId, content } of waiting) {
      if (away || enough.aborted) return;
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
