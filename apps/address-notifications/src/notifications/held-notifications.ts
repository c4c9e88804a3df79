import type { Sql } from '../sql.js';
import { listNotifications, type NotificationDto } from './list-notifications.js';

const mostNotifications = 5_000;

/** For an export: the notifications of a customer, newest first. What they say is in the mails, and sealed in the queue. */
export async function heldNotifications(
  sql: Sql,
  customerId: string,
): Promise<{ notifications: NotificationDto[]; more?: true }> {
  const found = await listNotifications(sql, { customerId, before: undefined, limit: mostNotifications + 1 });
  return {
    notifications: found.slice(0, mostNotifications),
    ...(found.length > mostNotifications ? { more: true } : {}),
  };
}
