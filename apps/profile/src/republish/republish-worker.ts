import { OutboxRelay, OutboxWriter } from '@app/outbox';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { holdCustomers } from '../customers/read-customers.sql.js';
import { eventOf } from '../domain/event.js';
import { holdRepublish, moveOn, nextCustomers, RepublishStore } from './republish-store.js';
import { stateOf } from './state-of.js';

/** Customers of one transaction: who changes one of them waits that long. */
const batchSize = 200;
/** Events that may wait for the relay: the import's and everybody's writes stand behind them. */
const mostWaiting = 2_000;
const lookEveryMs = 1_000;
const relayPauseMs = 50;

/**
 * Idle → (woken, or a look a second) → a batch after the other while one runs → idle. A crash goes on behind the last
 * batch that was committed; a failure is logged and tried again at the next look.
 */
@Injectable()
export class RepublishWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Republish');
  private readonly stopping = new AbortController();
  private bell = new AbortController();
  private working: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: RepublishStore,
    private readonly outbox: OutboxWriter,
    private readonly relay: OutboxRelay,
  ) {}

  onApplicationBootstrap(): void {
    this.working = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  wake(): void {
    this.bell.abort();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.bell = new AbortController();
      try {
        while (!this.stopping.signal.aborted && (await this.step()));
      } catch (error) {
        this.logger.error(
          `stopped, and tried again: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      await this.pause(lookEveryMs, AbortSignal.any([this.bell.signal, this.stopping.signal]));
    }
  }

  /** Whether there is more to do. */
  private async step(): Promise<boolean> {
    if ((await this.store.running()) === undefined) return false;
    if (await this.store.isOutboxFull(mostWaiting)) {
      await this.pause(relayPauseMs, this.stopping.signal);
      return true;
    }
    const moved = await this.batch();
    this.relay.wake();
    return moved;
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  private batch(): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const held = await holdRepublish(manager);
      if (!held) return false;
      const ids = await nextCustomers(manager, held, batchSize);
      const customers = await holdCustomers(manager, ids);
      const events = customers.map(({ customer, key }) =>
        Object.assign(eventOf(stateOf(customer), key), { republished: held.id }),
      );
      await this.outbox.append(manager, events);
      await moveOn(manager, held.id, { last: ids.at(-1), events: events.length });
      return ids.length > 0;
    });
  }
}
