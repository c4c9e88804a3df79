import type { ProvisioningState, SubscriptionProperties } from '../domain/subscription.js';

export type SubscriptionOrigin = 'rest' | 'file';

/** A subscription as the database has it. */
export interface SubscriptionRow {
  id: string;
  name: string;
  origin: SubscriptionOrigin;
  properties: SubscriptionProperties;
  signing_secret: string;
  previous_secret: string | null;
  previous_secret_until: Date | null;
  state: ProvisioningState;
  validation_code: string;
  handshake_attempts: number;
  handshake_begun_at: Date;
  next_handshake_at: Date;
  handshake_error: string | null;
  created_by: string;
  created_at: Date;
  updated_at: Date;
}

/** The secrets that sign at that time, the newer one first. */
export function secretsAt(row: SubscriptionRow, now: Date): string[] {
  const { signing_secret: current, previous_secret: previous, previous_secret_until: until } = row;
  return previous !== null && until !== null && until > now ? [current, previous] : [current];
}
