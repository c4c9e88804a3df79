import type { Client } from 'pg';
import type { EffectEvidence } from '../checker/evidence.js';
import type { Rows } from '../checker/read-group.js';

export const rowsOf =
  (client: Client): Rows =>
  async <Row>(sql: string) =>
    (await client.query(sql)).rows as Row[];

/** What the test consumer noted, in the order in which it did. */
export async function readEffects(sql: Client, consumer: string): Promise<EffectEvidence> {
  const rows = await rowsOf(sql)<{ event_id: string; subject: string; version: number }>(
    'SELECT event_id, subject, version FROM effect ORDER BY n',
  );
  return { consumer, eventIds: rows.map(({ event_id }) => event_id), inOrder: rows };
}
