import type { OpenAll } from '@app/consumer';
import type { Sql } from '../sql.js';
import { dtoOf, type DeliveryRow } from './delivery.dto.js';

const most = 1_000;

/** For an export: what is kept about a customer's events that were pushed, or are to be, with their data opened. */
export async function heldDeliveries(
  sql: Sql,
  customerId: string,
  open: OpenAll,
): Promise<{ deliveries: object[]; more?: true }> {
  const rows = await sql.query<DeliveryRow[]>(
    `SELECT d.id, d.state, d.attempts, d.published_at, d.next_at, d.settled_at, d.dead_letter_reason, d.history,
            e.attributes, e.data
       FROM grid_event e JOIN delivery d ON d.event_key = e.id
      WHERE e.subject = $1 ORDER BY d.id DESC LIMIT $2`,
    [customerId, most + 1],
  );
  const held = rows.slice(0, most);
  const opened = await open(
    held.map(({ attributes, data }) => ({
      type: attributes.type,
      data: data === null ? undefined : (JSON.parse(data) as unknown),
    })),
  );
  return {
    deliveries: held.map((row, index) => Object.assign(dtoOf(row), { data: opened[index] })),
    ...(rows.length > most ? { more: true } : {}),
  };
}
