import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Standard Webhooks 1.0, "Secret": 24 to 64 random bytes in base64 behind this prefix. */
const prefix = 'whsec_';
const [fewestBytes, mostBytes, ownBytes] = [24, 64, 32];

export const newSigningSecret = (): string => prefix + randomBytes(ownBytes).toString('base64');

export function isSigningSecret(text: string): boolean {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (encoded === undefined) return false;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded && bytes.length >= fewestBytes && bytes.length <= mostBytes;
}

/** Ids of strangers have characters that no header has; a dot would blur what is signed: `id.timestamp.body`. */
export const webhookIdOf = (eventId: string): string =>
  encodeURIComponent(eventId.toWellFormed()).replaceAll('.', '%2E');

/**
 * The headers of Standard Webhooks: one signature a secret, so that a handler may take either while they change.
 * @param at by the clock on the wall, not the movable one: the handler holds it against its own
 */
export function signatureHeaders(
  secrets: readonly string[],
  { eventId, body, at }: { eventId: string; body: string; at: Date },
): Record<string, string> {
  const id = webhookIdOf(eventId);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
