import { ConsumerEvents, EventOpener } from '@app/consumer';
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
import { HandlerClients } from '../egress/handler-clients.js';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import { SubscriptionSet } from '../subscriptions/subscription-set.js';
import { Attempts } from './attempts.js';
import { Bell } from './bell.js';
import { type Claimed, claimDeliveries } from './claim-deliveries.js';
import { Claims, leaseMs } from './claims.js';
import type { Lane } from './lane.js';
import { Lanes } from './lanes.js';
import type { Settled } from './settle-deliveries.js';
import { Settler } from './settler.js';

/** Retries fall due, other processes write deliveries: this finds them. */
const lookEveryMs = 1_000;
/** Looks are so far apart at least, however often somebody says that there may be something. */
const lookGapMs = 5;
const awayMs = 2_000;
/** What is under way at the end may still get its answer. */
const graceMs = 2_000;
/** Claims for each that may be under way. */
const claimsEach = 2;

/**
 * Pushes what is due, until the process ends; several processes share the work.
 *
 *   looking ──something due──▶ held ──room for it──▶ under way ──▶ settling ──▶ delivered, waiting or dead
 *      ▲                        │
 *      └──a commit, few held, or a second
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('Dispatcher'));
  private readonly closing = new AbortController();
  private readonly claims: Claims;
  /** What becomes of those that are begun. */
  private readonly begun = new Map<string, Promise<void>>();
  private readonly attempts: Attempts;
  private readonly settler: Settler;
  private readonly lanes: Lanes;
  private readonly bell = new Bell();
  private readonly lookers: (() => void)[] = [];
  private loop: Promise<void> | undefined;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(SETTINGS) settings: EventGridSettings,
    private readonly subscriptions: SubscriptionSet,
    private readonly clients: HandlerClients,
    opener: EventOpener,
    private readonly clock: Clock,
    private readonly events: ConsumerEvents,
  ) {
    const { log } = this;
    this.settler = new Settler(database);
    this.claims = new Claims(database, log);
    this.attempts = new Attempts({ settings, clients, opener, clock, log, closing: this.closing.signal });
    this.lanes = new Lanes({ inFlight: settings.inFlight, claims: claimsEach * settings.inFlight });
  }

  onApplicationBootstrap(): void {
    this.events.on('batchCommitted', this.wake);
    this.claims.keep();
    this.loop = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.events.off('batchCommitted', this.wake);
    this.closing.abort();
    this.wake();
    await this.loop;
    for (const lane of this.lanes) this.giveBack(lane);
    await within(graceMs, Promise.all(this.begun.values()));
    this.claims.stop();
    // What has no answer by now is cut off, and goes back unsettled.
    await this.clients.close();
    await within(graceMs, Promise.all(this.begun.values()));
  }

  /** There may be something to push, or somebody who does not want it any more. */
  readonly wake = this.bell.ring;

  /** Until a look that begins now is done: no push begins any more that a subscription, as it is now, does not want. */
  async looked(): Promise<void> {
    const done = new Promise<void>((resolve) => this.lookers.push(resolve));
    this.wake();
    await within(lookEveryMs, done);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        const lookers = this.lookers.splice(0);
        await this.fill();
        for (const done of lookers) done();
        await pause(lookGapMs, signal);
        await this.bell.heard(lookEveryMs);
      } catch (error) {
        this.log.warn(`nothing is pushed, trying on: ${String(error)}`);
        await pause(awayMs, signal);
      }
    }
  }

  /** Claims what is due, as much as is to be at hand. */
  private async fill(): Promise<void> {
    const all = await this.subscriptions.current(this.database);
    this.clients.keepOnly(all.map(({ row }) => row));
    const ready = all.flatMap(({ row }) => (row.state === 'Succeeded' ? [row] : []));
    for (const lane of this.lanes.keep(ready)) this.giveBack(lane);
    const shares = this.lanes.shares();
    if (shares.size === 0) return;
    const claimed = await claimDeliveries(this.database.manager, shares, { now: this.clock.now(), leaseMs });
    this.claims.add(claimed);
    for (const lane of this.lanes.take(claimed, shares)) this.beginAll(lane);
  }

  /** What was held is anybody's again, and no attempt. */
  private giveBack(lane: Lane): void {
    const at = this.clock.now();
    for (const { id, attempt } of lane.held.splice(0)) {
      this.follow(id, lane, this.settle({ id, attempt, state: 'waiting', at }));
    }
  }

  /** As many of those held as there is room for. */
  private beginAll(lane: Lane): void {
    for (let next = this.lanes.next(lane); next; next = this.lanes.next(lane)) this.begin(next, lane);
    if (lane.isLow) this.wake();
  }

  private begin(claimed: Claimed, lane: Lane): void {
    if (performance.now() >= claimed.validUntil) {
      // This process stood still, or the database was away: another may have it by now.
      this.forget(claimed.id, lane);
      return;
    }
    this.lanes.began(lane);
    const made = this.attempts.make(claimed, lane.row).then(
      ({ settled, wentWell }) => {
        this.ended(lane, wentWell);
        return this.settle(settled);
      },
      (error: unknown) => {
        this.ended(lane, false);
        throw error;
      },
    );
    this.follow(claimed.id, lane, made);
  }

  private ended(lane: Lane, wentWell: boolean): void {
    const wasFull = this.lanes.isFull;
    this.lanes.ended(lane, wentWell);
    if (this.closing.signal.aborted) return;
    this.beginAll(lane);
    if (wasFull) for (const other of this.lanes) this.beginAll(other);
  }

  private follow(id: string, lane: Lane, work: Promise<void>): void {
    const followed = work
      .catch((error: unknown) => {
        this.log.warn(`a delivery to ${lane.row.name} is not settled, and comes again: ${String(error)}`);
      })
      .finally(() => this.forget(id, lane));
    this.begun.set(id, followed);
  }

  private forget(id: string, lane: Lane): void {
    lane.claims--;
    this.claims.forget(id);
    this.begun.delete(id);
  }

  private async settle(settled: Settled): Promise<void> {
    await this.settler.settle(settled);
    const inMs = settled.retryAt ? settled.retryAt.getTime() - this.clock.now().getTime() : lookEveryMs;
    if (inMs < lookEveryMs) setTimeout(this.wake, Math.max(inMs, 0)).unref();
  }
}
