import { randomUUID } from 'node:crypto';
import type { DeliverySchema } from './subscription.js';

export interface HandshakeTerms {
  /** Who asks to deliver, a DNS name. */
  origin: string;
  subscription: string;
  validationCode: string;
  /** Where a GET confirms by hand, for the five minutes after. */
  validationUrl: string;
}

export interface HandshakeRequest {
  method: 'OPTIONS' | 'POST';
  headers: Record<string, string>;
  body?: string;
}

/**
 * What a handler is asked before anything is delivered: of CloudEvents an OPTIONS request ("HTTP 1.1 Web Hooks for Event
 * Delivery" 1.0 §4.1), of Event Grid's schema a SubscriptionValidationEvent.
 */
export function handshakeRequest(schema: DeliverySchema, terms: HandshakeTerms, now: Date): HandshakeRequest {
  if (schema === 'CloudEventSchemaV1_0') {
    return {
      method: 'OPTIONS',
      headers: {
        'webhook-request-origin': terms.origin,
        'webhook-request-callback': terms.validationUrl,
        'webhook-request-rate': '*',
      },
    };
  }
  const event = {
    id: randomUUID(),
    topic: '/event-grid',
    subject: '',
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: now.toISOString(),
    data: { validationCode: terms.validationCode, validationUrl: terms.validationUrl },
    dataVersion: '2',
    metadataVersion: '1',
  };
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'aeg-event-type': 'SubscriptionValidation',
      'aeg-subscription-name': terms.subscription.toUpperCase(),
    },
    body: JSON.stringify([event]),
  };
}

export interface HandshakeAnswer {
  status?: number;
  outcome: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** Why a handler has not agreed; undefined when it has. */
export function refusalIn(
  schema: DeliverySchema,
  { status, outcome, headers, text }: HandshakeAnswer,
  { origin, validationCode }: Pick<HandshakeTerms, 'origin' | 'validationCode'>,
): string | undefined {
  if (status === undefined) return `the handler cannot be called: ${outcome}`;
  const isGood = schema === 'EventGridSchema' ? status === 200 : status === 200 || status === 204;
  if (!isGood) return `the handler answered ${status} to the handshake`;
  if (schema === 'EventGridSchema') {
    return responseIn(text) === validationCode
      ? undefined
      : 'the handler did not answer {"validationResponse": <the code>}, nor has the validationUrl been called';
  }
  const allowed = [headers['webhook-allowed-origin']].flat().flatMap((value) => value?.split(',') ?? []);
  return allowed.some((one) => one.trim() === '*' || one.trim().toLowerCase() === origin.toLowerCase())
    ? undefined
    : `the handler did not answer WebHook-Allowed-Origin: ${origin}, nor has the callback been called`;
}

function responseIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { validationResponse?: unknown } | null)?.validationResponse;
  } catch {
    return undefined;
  }
}
