import { backOffMs, Counter, Gauge, messageOf, metrics, pause, within } from '@app/service-defaults';
import type { CommandSender } from '@app/service-bus';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { sendCommands } from './send-commands.js';
import { commandBacklog } from './sql/commands.js';

const batchSize = 200;
const lookEveryMs = 500;
const backOff = { baseMs: 100, maxMs: 5_000 };
/** What an engine that is well needs for the batch in hand; a shutdown does not wait for one that is not. */
const inHandMs = 1_000;

/**
 * Carries committed commands from the outbox to their queue, as long as the service lives; several relays share the work.
 *
 *   sending ──nothing left──▶ waiting ──wake(), or half a second──▶ sending
 *   sending ──queue or database away──▶ pausing, longer each time ──▶ sending
 */
export class CommandRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('CommandRelay');
  private readonly stopping = new AbortController();
  private bell = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly published = counter(
    'commands_published_total',
    'Commands that their queue has acknowledged.',
  );

  constructor(
    private readonly dataSource: DataSource,
    private readonly sender: CommandSender,
  ) {
    watchBacklog(dataSource);
  }

  onApplicationBootstrap(): void {
    this.loop ??= this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await within(inHandMs, this.loop ?? Promise.resolve());
    await this.sender.close();
    await this.loop;
  }

  /** A transaction with commands has been committed: send now, instead of at the next look. */
  readonly wake = (): void => this.bell.abort();

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      this.bell = new AbortController();
      const { claimed, trouble } = await this.trySending();
      if (trouble === undefined) {
        if (failures > 0) this.logger.log('commands are sent again');
        failures = 0;
        if (claimed === 0) await pause(lookEveryMs, this.bell.signal);
      } else {
        if (failures === 0 && !signal.aborted)
          this.logger.warn(`commands wait in the outbox, trying on: ${messageOf(trouble)}`);
        await pause(backOffMs(failures++, backOff), signal);
      }
    }
  }

  private async trySending(): Promise<{ claimed: number; trouble?: unknown }> {
    try {
      const outcome = await sendCommands(this.dataSource, this.sender, batchSize);
      this.published.inc(outcome.sent);
      return outcome;
    } catch (error) {
      return { claimed: 0, trouble: error };
    }
  }
}

/** Gauges tell of the relay that was made last. */
function watchBacklog(dataSource: DataSource): void {
  const about = {
    commands_pending: 'Commands that wait in the outbox.',
    commands_rejected_rows: 'Commands that no message can carry: any is one that nobody does.',
  };
  for (const name of Object.keys(about)) metrics.removeSingleMetric(name);
  const [pending, rejected] = Object.entries(about).map(
    ([name, help]) => new Gauge({ name, help, registers: [metrics], collect: () => read() }),
  );
  let reading: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    try {
      const found = await commandBacklog(dataSource);
      pending?.set(found.pending);
      rejected?.set(found.rejected);
    } catch {
      // The database is away: no figure is better than a wrong one, and the other metrics are still told.
      for (const gauge of [pending, rejected]) gauge?.remove();
    }
  };
  const read = (): Promise<void> => {
    reading ??= look().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

/** Several relays of one process, as in tests, share their counters. */
function counter(name: string, help: string): Counter {
  const known = metrics.getSingleMetric(name) as Counter | undefined;
  return known ?? new Counter({ name, help, registers: [metrics] });
}
