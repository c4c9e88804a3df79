import { pause, within } from '@app/event-hubs';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import { handshakeRequest, refusalIn } from '../domain/handshake.js';
import { afterFailure } from '../domain/retry-schedule.js';
import { signatureHeaders } from '../domain/signature.js';
import { HandlerClients } from '../egress/handler-clients.js';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import { type SubscriptionRow, secretsAt } from '../subscriptions/subscription-row.js';
import { agreed, dueHandshakes, refused } from './handshakes.sql.js';

const lookEveryMs = 1_000;
const awayMs = 5_000;
/** A subscription whose handler is not there yet is asked for by the schedule of deliveries, for a day. */
const policy = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1_440, retryForbidden: true };

/**
 * Asks handlers whether they want what is subscribed for them; nothing is delivered before they agree.
 *
 *   Creating ──the handler agrees, or somebody calls the validationUrl──▶ Succeeded ──another address or schema──▶ Updating
 *      └──no agreement for a day──▶ Failed ──the subscription is put again──▶ Creating
 *
 * Updating goes on as Creating does; what happens meanwhile waits for the handler to agree.
 */
@Injectable()
export class Handshaker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Handshake');
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(SETTINGS) private readonly settings: EventGridSettings,
    private readonly clients: HandlerClients,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** One attempt, now; waits for it at most so long, and it goes on. */
  async attemptWithin(ms: number, row: SubscriptionRow): Promise<void> {
    const attempt = this.attempt(row).catch((error: unknown) =>
      this.logger.warn(`the handshake of ${row.name} is made later: ${String(error)}`),
    );
    await within(ms, attempt);
  }

  /** One attempt, now. */
  async attempt(row: SubscriptionRow): Promise<void> {
    const { eventDeliverySchema: schema, headers: own } = row.properties;
    const terms = {
      origin: this.settings.origin,
      subscription: row.name,
      validationCode: row.validation_code,
      validationUrl: `${this.settings.publicUrl}/v1/event-subscriptions/${row.name}/validate?code=${row.validation_code}`,
    };
    const { method, headers, body } = handshakeRequest(schema, terms, this.clock.now());
    const signed =
      body === undefined
        ? {}
        : signatureHeaders(secretsAt(row, this.clock.now()), {
            eventId: row.validation_code,
            body,
            at: new Date(),
          });
    const answer = await this.clients.of(row).call({
      method,
      headers: {
        ...Object.fromEntries(own.map(({ name, value }) => [name.toLowerCase(), value])),
        ...headers,
        ...signed,
      },
      ...(body === undefined ? {} : { body }),
    });
    const refusal = refusalIn(schema, answer, terms);
    if (refusal === undefined) await agreed(this.database, row);
    else await this.refuse(row, refusal, answer.status);
  }

  private async refuse(row: SubscriptionRow, why: string, status: number | undefined): Promise<void> {
    const attempts = row.handshake_attempts + 1;
    const failed = {
      attempts,
      status: status === 408 ? 408 : undefined,
      publishedAt: row.handshake_begun_at,
    };
    const next = afterFailure(failed, policy, { now: this.clock.now(), scale: this.settings.retryScale });
    this.logger.warn(`${row.name} waits for its handler: ${why}`);
    await refused(this.database, row, why, 'retryAt' in next ? next.retryAt : undefined);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        const due = await dueHandshakes(this.database, this.clock.now(), this.settings.answerMs);
        await Promise.all(due.map((row) => this.attempt(row)));
        if (due.length === 0) await pause(lookEveryMs, signal);
      } catch (error) {
        this.logger.warn(`handshakes are made later: ${String(error)}`);
        await pause(awayMs, signal);
      }
    }
  }
}
