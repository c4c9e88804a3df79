import type { Sql } from '../sql.js';
import { listNotifications, type NotificationDto } from './list-notifications.js';

const mostNotifications = 5_000;

/** For an export: the notifications of a customer, newest first, with what those say that have not been sent yet. */
export async function heldNotifications(
  sql: Sql,
  customerId: string,
): Promise<{ notifications: (NotificationDto & { content?: unknown })[]; more?: true }> {
  const found = await listNotifications(sql, { customerId, before: undefined, limit: mostNotifications + 1 });
  const queued = await sql.query<{ id: string; content: string }[]>(
    'SELECT id, content FROM notification WHERE customer_id = $1 AND content IS NOT NULL',
    [customerId],
  );
  const contents = new Map(queued.map(({ id, content }) => [id, JSON.parse(content) as unknown]));
  return {
    notifications: found
      .slice(0, mostNotifications)
      .map((one) => (contents.has(one.id) ? Object.assign(one, { content: contents.get(one.id) }) : one)),
    ...(found.length > mostNotifications ? { more: true } : {}),
  };
}
