import { type EventOpener, KeyServiceError } from '@app/consumer';
import type { SparingLog } from '@app/event-hubs';
import type { Clock } from '../clock/clock.js';
import { withoutPersonal } from '../domain/envelope.js';
import { type Attempt, isDelivered } from '../domain/outcome.js';
import { afterFailure, expiryOf, retryAfterIn } from '../domain/retry-schedule.js';
import { addressForbidden } from '../egress/failure.js';
import type { HandlerClients } from '../egress/handler-clients.js';
import type { WebhookAnswer } from '../egress/answer-reader.js';
import type { EventGridSettings } from '../environment.js';
import type { SubscriptionRow } from '../subscriptions/subscription-row.js';
import type { Claimed } from './claim-deliveries.js';
import { countAttempt } from './delivery.metrics.js';
import { deliver, type Outgoing } from './deliver.js';
import type { Settled } from './settle-deliveries.js';

/** The keys of what is to be opened cannot be had. */
const keysAwayMs = 5_000;
const longestDetail = 500;

export interface AttemptParts {
  settings: EventGridSettings;
  clients: HandlerClients;
  opener: EventOpener;
  clock: Clock;
  log: SparingLog;
  /** Whatever is under way is being cut off. */
  closing: AbortSignal;
}

export interface Made {
  settled: Settled;
  /** Whether the handler answered, whatever it said. */
  wentWell: boolean;
}

/** Makes attempts, and says what is to be written of them. */
export class Attempts {
  constructor(private readonly parts: AttemptParts) {}

  async make(claimed: Claimed, row: SubscriptionRow): Promise<Made> {
    const { settings, clients, clock, closing } = this.parts;
    const { id, attempt, publishedAt } = claimed;
    const now = clock.now();
    if (now >= expiryOf(publishedAt, row.properties.retryPolicy, settings.retryScale)) {
      const deadLetterReason = 'TimeToLiveExceeded';
      return { settled: { id, attempt, state: 'dead', deadLetterReason, at: now }, wentWell: true };
    }
    const event = await this.outgoing(claimed, row);
    if (!event) {
      const retryAt = new Date(now.getTime() + keysAwayMs);
      return { settled: { id, attempt, state: 'waiting', retryAt, at: now }, wentWell: true };
    }
    const answer = await deliver(clients.of(row), row, event, { attempt, now });
    if (closing.aborted && answer.status === undefined) {
      return { settled: { id, attempt, state: 'waiting', at: now }, wentWell: false };
    }
    const made = madeOf(answer, row);
    countAttempt(row.name, made);
    const settled = { id, attempt, made, at: clock.now(), ...this.verdict(claimed, answer, row) };
    return { settled, wentWell: made.status !== undefined };
  }

  /** As the subscription may see it; undefined while the keys cannot be had. */
  private async outgoing(
    { attributes, data }: Claimed,
    { properties: { personalData } }: SubscriptionRow,
  ): Promise<Outgoing | undefined> {
    if (data === null || personalData === 'sealed') return { attributes, data: data ?? undefined };
    const read: unknown = JSON.parse(data);
    if (personalData === 'omitted') return { attributes, data: JSON.stringify(withoutPersonal(read)) };
    try {
      const [opened] = await this.parts.opener.open([{ type: attributes.type, data: read }]);
      return { attributes, data: JSON.stringify(opened) };
    } catch (error) {
      if (!(error instanceof KeyServiceError)) throw error;
      this.parts.log.warn(`what is pushed opened waits for its keys: ${error.message}`);
      return undefined;
    }
  }

  private verdict(
    { attempt, publishedAt }: Claimed,
    answer: WebhookAnswer,
    { properties: { retryPolicy } }: SubscriptionRow,
  ): Pick<Settled, 'state' | 'retryAt' | 'deadLetterReason'> {
    const { status, outcome, headers } = answer;
    if (isDelivered(answer)) return { state: 'delivered' };
    if (outcome === addressForbidden) return { state: 'dead', deadLetterReason: addressForbidden };
    const { clock, settings } = this.parts;
    const retryAfterMs = retryAfterIn([headers['retry-after']].flat()[0]);
    const failed = { attempts: attempt, status, retryAfterMs, publishedAt };
    const next = afterFailure(failed, retryPolicy, { now: clock.now(), scale: settings.retryScale });
    return 'retryAt' in next
      ? { state: 'waiting', retryAt: next.retryAt }
      : { state: 'dead', deadLetterReason: next.deadLetter };
  }
}

/** A handler to which personal data is opened may answer with it: what it says then is not kept. */
function madeOf(
  { outcome, status, latencyMs, text, detail = text }: WebhookAnswer,
  { properties: { personalData } }: SubscriptionRow,
): Attempt {
  const mayTell = personalData !== 'opened' || status === undefined;
  return {
    outcome,
    latencyMs,
    ...(status === undefined ? {} : { status }),
    ...(detail && mayTell ? { detail: shown(detail) } : {}),
  };
}

/** A handler may answer anything: what PostgreSQL cannot keep is replaced, a NUL or half of a surrogate pair. */
const shown = (text: string): string =>
  text.slice(0, longestDetail).toWellFormed().replaceAll('\0', '\u{fffd}');
