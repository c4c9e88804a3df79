import type { Sql } from '../sql.js';

/**
 * What waits, is dead or is told about a customer keeps nothing personal: neither the data, sealed or not, nor what
 * handlers answered to it. The deliveries stay, and those that wait go out as what they are, an erased customer's. JSON that
 * jsonb cannot hold (a NUL in a string), which anybody may send, holds no erasure up.
 */
export async function forgetCustomer(sql: Sql, customerId: string): Promise<void> {
  await sql.query(
    `UPDATE grid_event
        SET erased = true,
            data = CASE WHEN data IS NULL THEN NULL
                        WHEN NOT pg_input_is_valid(data, 'jsonb') THEN '{"erased": true}'
                        WHEN jsonb_typeof(data::jsonb) = 'object' AND data::jsonb ? 'personal'
                        THEN (data::jsonb || '{"personal": null, "erased": true}')::text
                        ELSE '{"erased": true}' END
      WHERE subject = $1 AND attributes ->> 'type' <> 'CustomerErased'`,
    [customerId],
  );
  await sql.query(
    `UPDATE delivery SET history = (SELECT jsonb_agg(attempt - 'detail') FROM jsonb_array_elements(history) AS attempt)
      WHERE history <> '[]' AND event_key IN (SELECT id FROM grid_event WHERE subject = $1)`,
    [customerId],
  );
}
