import { ConsumerEvents, EventOpener, KeyServiceError } from '@app/consumer';
import { pause, SparingLog, within } from '@app/event-hubs';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import type { GridEvent } from '../domain/event.js';
import { type Attempt, isDelivered } from '../domain/outcome.js';
import { afterFailure, expiryOf } from '../domain/retry-schedule.js';
import { addressForbidden } from '../egress/failure.js';
import { HandlerClients, mostPerSubscription } from '../egress/handler-clients.js';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import type { SubscriptionRow } from '../subscriptions/subscription-row.js';
import { type Subscription, SubscriptionSet } from '../subscriptions/subscription-set.js';
import { type Claimed, claimDeliveries } from './claim-deliveries.js';
import { countAttempt } from './delivery.metrics.js';
import { deliver } from './deliver.js';
import { extendClaims } from './extend-claims.js';
import { Room, shareOut } from './room.js';
import type { Settled } from './settle-deliveries.js';
import { Settler } from './settler.js';

/** What a process that dies has claimed is taken by another after so long. */
const leaseMs = 10_000;
const extendEveryMs = 3_000;
/** Retries fall due, other processes write deliveries: this finds them. */
const lookEveryMs = 1_000;
const awayMs = 2_000;
/** What is under way at the end may still get its answer. */
const graceMs = 2_000;
/** The keys of what is to be opened cannot be had. */
const keysAwayMs = 5_000;
const firstRoom = 4;

/**
 * Pushes what is due, until the process ends; several processes share the work.
 *
 *   looking ──something due and room for it──▶ claimed ──each on its own──▶ delivered, waiting or dead
 *      ▲                                          │
 *      └──a commit, an end, or a second───────────┘
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('Dispatcher'));
  private readonly closing = new AbortController();
  private readonly rooms = new Map<string, Room>();
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly settler: Settler;
  private bell = new AbortController();
  private loop: Promise<void> | undefined;
  private extending: NodeJS.Timeout | undefined;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(SETTINGS) private readonly settings: EventGridSettings,
    private readonly subscriptions: SubscriptionSet,
    private readonly clients: HandlerClients,
    private readonly opener: EventOpener,
    private readonly clock: Clock,
    private readonly events: ConsumerEvents,
  ) {
    this.settler = new Settler(database);
  }

  onApplicationBootstrap(): void {
    this.events.on('batchCommitted', this.wake);
    this.extending = setInterval(() => void this.extend(), extendEveryMs);
    this.loop = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.events.off('batchCommitted', this.wake);
    this.closing.abort();
    this.bell.abort();
    await this.loop;
    await within(graceMs, Promise.all(this.underWay.values()));
    clearInterval(this.extending);
    // What has no answer by now is cut off, and goes back unsettled.
    await this.clients.close();
    await within(graceMs, Promise.all(this.underWay.values()));
  }

  /** There may be something to push. */
  readonly wake = (): void => this.bell.abort();

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      this.bell = new AbortController();
      try {
        if ((await this.fill()) === 0) await pause(lookEveryMs, this.bell.signal);
      } catch (error) {
        this.log.warn(`nothing is pushed, trying on: ${String(error)}`);
        await pause(awayMs, signal);
      }
    }
  }

  /** Begins what is due and has room. @returns how many */
  private async fill(): Promise<number> {
    const all = await this.subscriptions.current(this.database);
    const ready = new Map(all.filter(({ row }) => row.state === 'Succeeded').map((one) => [one.row.id, one]));
    this.keepRooms(ready);
    const shares = shareOut(this.rooms, this.settings.inFlight);
    if (shares.size === 0) return 0;
    const claimed = await claimDeliveries(this.database, shares, { now: this.clock.now(), leaseMs });
    for (const one of claimed) {
      const subscription = ready.get(one.subscriptionId);
      const room = this.rooms.get(one.subscriptionId);
      if (subscription && room) this.begin(one, subscription, room);
    }
    return claimed.length;
  }

  private keepRooms(ready: ReadonlyMap<string, Subscription>): void {
    for (const id of ready.keys()) {
      if (!this.rooms.has(id))
        this.rooms.set(id, new Room({ most: mostPerSubscription, least: 1 }, firstRoom));
    }
    for (const [id, { underWay }] of this.rooms) {
      if (ready.has(id) || underWay > 0) continue;
      this.rooms.delete(id);
      this.clients.drop(id);
    }
  }

  private begin(claimed: Claimed, { row }: Subscription, room: Room): void {
    room.begin();
    const work = this.attempt(claimed, row)
      .then(
        (wentWell) => room.end(wentWell),
        (error: unknown) => {
          room.end(false);
          this.log.warn(`a delivery to ${row.name} is not settled, and comes again: ${String(error)}`);
        },
      )
      .finally(() => {
        this.underWay.delete(claimed.id);
        this.wake();
      });
    this.underWay.set(claimed.id, work);
  }

  /** @returns whether the handler answered, whatever it said */
  private async attempt(claimed: Claimed, row: SubscriptionRow): Promise<boolean> {
    const { retryScale: scale } = this.settings;
    const { id, attempt, publishedAt } = claimed;
    const now = this.clock.now();
    if (now >= expiryOf(publishedAt, row.properties.retryPolicy, scale)) {
      await this.settle({ id, attempt, state: 'dead', deadLetterReason: 'TimeToLiveExceeded', at: now });
      return true;
    }
    const event = await this.eventFor(claimed, row);
    if (!event) {
      const retryAt = new Date(now.getTime() + keysAwayMs);
      await this.settle({ id, attempt, state: 'waiting', retryAt, at: now });
      return true;
    }
    const answer = await deliver(this.clients.of(row), row, event, { attempt, now });
    if (this.closing.signal.aborted && answer.status === undefined) {
      await this.settle({ id, attempt, state: 'waiting', retryAt: now, at: now });
      return false;
    }
    const { outcome, status, latencyMs, text, detail = text.slice(0, 500) } = answer;
    const made: Attempt = {
      outcome,
      latencyMs,
      ...(status === undefined ? {} : { status }),
      ...(detail ? { detail } : {}),
    };
    countAttempt(row.name, made);
    await this.settle({ id, attempt, made, at: this.clock.now(), ...this.verdict(claimed, made, row) });
    return status !== undefined;
  }

  /** As the subscription may see it; undefined while the keys cannot be had. */
  private async eventFor(
    { attributes, data: text }: Claimed,
    row: SubscriptionRow,
  ): Promise<GridEvent | undefined> {
    const data: unknown = text === null ? undefined : JSON.parse(text);
    if (row.properties.personalData !== 'opened') return { attributes, data };
    try {
      const [opened] = await this.opener.open([{ type: attributes.type, data }]);
      return { attributes, data: opened };
    } catch (error) {
      if (!(error instanceof KeyServiceError)) throw error;
      this.log.warn(`what is pushed opened waits for its keys: ${error.message}`);
      return undefined;
    }
  }

  private verdict(
    { attempt, publishedAt }: Claimed,
    made: Attempt,
    { properties: { retryPolicy } }: SubscriptionRow,
  ): Pick<Settled, 'state' | 'retryAt' | 'deadLetterReason'> {
    if (isDelivered(made)) return { state: 'delivered' };
    if (made.outcome === addressForbidden) return { state: 'dead', deadLetterReason: addressForbidden };
    const failed = { attempts: attempt, status: made.status, publishedAt };
    const next = afterFailure(failed, retryPolicy, {
      now: this.clock.now(),
      scale: this.settings.retryScale,
    });
    return 'retryAt' in next
      ? { state: 'waiting', retryAt: next.retryAt }
      : { state: 'dead', deadLetterReason: next.deadLetter };
  }

  private async settle(settled: Settled): Promise<void> {
    await this.settler.settle(settled);
    const inMs = settled.retryAt ? settled.retryAt.getTime() - this.clock.now().getTime() : lookEveryMs;
    if (inMs < lookEveryMs) setTimeout(this.wake, Math.max(inMs, 0)).unref();
  }

  private async extend(): Promise<void> {
    try {
      await extendClaims(this.database, [...this.underWay.keys()], leaseMs);
    } catch (error) {
      this.log.warn(`claims are not extended: ${String(error)}`);
    }
  }
}
