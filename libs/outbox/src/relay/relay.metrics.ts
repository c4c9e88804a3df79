import { Counter, Gauge, metrics } from '@app/service-defaults';
import type { StatementRunner } from '@app/event-hubs';
import { backlog } from '../sql/backlog.js';

/** What the relay has sent, and what waits: counted when it is asked for. */
export class RelayMetrics {
  private readonly published = counter('outbox_published_total', 'Events that the engine has acknowledged.');
  private readonly rejected = counter(
    'outbox_rejected_total',
    'Events that no message can carry, set aside.',
  );
  private readonly pending = this.gauge('outbox_pending', 'Events that wait in the outbox.');
  private readonly oldest = this.gauge(
    'outbox_oldest_seconds',
    'Age of the oldest event that waits in the outbox.',
  );
  private readonly setAside = this.gauge(
    'outbox_rejected_rows',
    'Events set aside in outbox_rejected: any is one that consumers miss.',
  );
  private looking: Promise<void> | undefined;

  constructor(private readonly database: StatementRunner) {}

  count(published: number, rejected: number): void {
    this.published.inc(published);
    this.rejected.inc(rejected);
  }

  /** One look for all gauges of a scrape. */
  private async look(): Promise<void> {
    this.looking ??= this.read().finally(() => {
      this.looking = undefined;
    });
    await this.looking;
  }

  private async read(): Promise<void> {
    try {
      const { pending, oldestSeconds, rejected } = await backlog(this.database);
      this.pending.set(pending);
      this.oldest.set(oldestSeconds);
      this.setAside.set(rejected);
    } catch {
      // The database is away: no figure is better than a wrong one, and the other metrics are still told.
      for (const gauge of [this.pending, this.oldest, this.setAside]) gauge.remove();
    }
  }

  /** A gauge tells of the relay that was made last. */
  private gauge(name: string, help: string): Gauge {
    metrics.removeSingleMetric(name);
    return new Gauge({ name, help, registers: [metrics], collect: () => this.look() });
  }
}

/** Several relays of one process, as in tests, share their counters. */
function counter(name: string, help: string): Counter {
  const known = metrics.getSingleMetric(name) as Counter | undefined;
  return known ?? new Counter({ name, help, registers: [metrics] });
}
