import type { SubscriptionProperties } from '../domain/subscription.js';
import type { Sql } from '../sql.js';
import type { SubscriptionOrigin, SubscriptionRow } from './subscription-row.js';

export async function findSubscription(sql: Sql, name: string): Promise<SubscriptionRow | undefined> {
  const [row] = await sql.query<SubscriptionRow[]>('SELECT * FROM event_subscription WHERE name = $1', [
    name,
  ]);
  return row;
}

/** By name, behind `after`. */
export function listSubscriptions(sql: Sql, after: string, limit: number): Promise<SubscriptionRow[]> {
  return sql.query<SubscriptionRow[]>(
    'SELECT * FROM event_subscription WHERE name COLLATE "C" > $1 ORDER BY name COLLATE "C" LIMIT $2',
    [after, limit],
  );
}

export interface Stored {
  name: string;
  origin: SubscriptionOrigin;
  properties: SubscriptionProperties;
  /** Undefined keeps what there is, or the one made for a new subscription. */
  signingSecret: string | undefined;
  /** For a subscription that has none yet. */
  newSecret: string;
  validationCode: string;
  by: string;
  now: Date;
  previousUntil: Date;
  /** Who stores it may ask the handler itself; if it does not get to that, it is asked then. */
  askAt: Date;
}

/**
 * Makes a subscription or changes it. Another address or schema begins the handshake anew; another secret begins a
 * rotation, in which the one before signs, too.
 */
export async function storeSubscription(sql: Sql, stored: Stored): Promise<SubscriptionRow> {
  const [row] = await sql.query<SubscriptionRow[]>(
    `INSERT INTO event_subscription AS old
            (name, origin, properties, signing_secret, state, validation_code, handshake_begun_at, next_handshake_at,
             created_by, created_at, updated_at)
     VALUES ($1, $2, $3::jsonb, coalesce($4, $5), 'Creating', $6, $7, $10, $8, $7, $7)
     ON CONFLICT (name) DO UPDATE SET
            properties = excluded.properties,
            previous_secret = CASE WHEN $4 <> old.signing_secret THEN old.signing_secret ELSE old.previous_secret END,
            previous_secret_until = CASE WHEN $4 <> old.signing_secret THEN $9::timestamptz ELSE old.previous_secret_until END,
            signing_secret = coalesce($4, old.signing_secret),
            validation_code = CASE WHEN ${needsHandshake} THEN excluded.validation_code ELSE old.validation_code END,
            handshake_attempts = CASE WHEN ${needsHandshake} THEN 0 ELSE old.handshake_attempts END,
            handshake_begun_at = CASE WHEN ${needsHandshake} THEN $7 ELSE old.handshake_begun_at END,
            next_handshake_at = CASE WHEN ${needsHandshake} THEN $10 ELSE old.next_handshake_at END,
            handshake_error = CASE WHEN ${needsHandshake} THEN NULL ELSE old.handshake_error END,
            state = CASE WHEN NOT ${needsHandshake} THEN old.state
                         WHEN old.state IN ('Succeeded', 'Updating') THEN 'Updating' ELSE 'Creating' END,
            updated_at = $7
      WHERE old.origin = $2
     RETURNING *`,
    [
      stored.name,
      stored.origin,
      JSON.stringify(stored.properties),
      stored.signingSecret ?? null,
      stored.newSecret,
      stored.validationCode,
      stored.now,
      stored.by,
      stored.previousUntil,
      stored.askAt,
    ],
  );
  if (!row) throw new OtherOriginError(stored.name);
  return row;
}

/** What has failed is tried again by asking for it again. */
const needsHandshake = `(old.state = 'Failed'
  OR old.properties ->> 'endpointUrl' <> excluded.properties ->> 'endpointUrl'
  OR old.properties ->> 'eventDeliverySchema' <> excluded.properties ->> 'eventDeliverySchema')`;

/** A subscription of that name is declared elsewhere, and changed there. */
export class OtherOriginError extends Error {
  readonly code = 'OTHER_ORIGIN';

  constructor(name: string) {
    super(`${name} is declared elsewhere`);
  }
}

export async function deleteSubscription(
  sql: Sql,
  name: string,
  origin: SubscriptionOrigin,
): Promise<number> {
  const [, count] = await sql.query<[unknown, number]>(
    'DELETE FROM event_subscription WHERE name = $1 AND origin = $2',
    [name, origin],
  );
  return count;
}

export async function revisionOf(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ revision: string }[]>('SELECT revision FROM subscription_set');
  return row?.revision ?? '';
}

export async function namesOf(sql: Sql, origin: SubscriptionOrigin): Promise<string[]> {
  const rows = await sql.query<{ name: string }[]>('SELECT name FROM event_subscription WHERE origin = $1', [
    origin,
  ]);
  return rows.map(({ name }) => name);
}
