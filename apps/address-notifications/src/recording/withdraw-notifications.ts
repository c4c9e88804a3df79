import { withdrawCommands } from '@app/outbox';
import type { Sql } from '../sql.js';
import { lockForErasure } from './customer-lock.js';

/**
 * Takes back what is queued for an erased customer: what has not left the outbox goes, and the worker finds the rest
 * skipped. One that is being sent at this moment is waited for. What has been sent is to be recalled, where there is a
 * mailbox that it can be taken out of.
 */
export async function withdrawNotifications(sql: Sql, customerId: string): Promise<void> {
  await lockForErasure(sql, customerId);
  await withdrawCommands(sql, customerId);
  await sql.query(
    `UPDATE notification SET status = 'skipped', reason = 'erased', content = NULL
      WHERE customer_id = $1 AND status IN ('queued', 'failed')`,
    [customerId],
  );
  await sql.query(
    `UPDATE notification SET to_recall = true WHERE customer_id = $1 AND (status = 'sent' OR attempts > 0)`,
    [customerId],
  );
}
