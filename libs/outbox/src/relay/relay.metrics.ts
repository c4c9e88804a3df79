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
  private readonly pending: Gauge;
  private readonly oldest: Gauge;

  constructor(private readonly database: StatementRunner) {
    this.oldest = gauge(
      'outbox_oldest_seconds',
      'Age of the oldest event that waits in the outbox.',
      () => undefined,
    );
    this.pending = gauge('outbox_pending', 'Events that wait in the outbox.', () => this.look());
  }

  count(published: number, rejected: number): void {
    this.published.inc(published);
    this.rejected.inc(rejected);
  }

  private async look(): Promise<void> {
    try {
      const { pending, oldestSeconds } = await backlog(this.database);
      this.pending.set(pending);
      this.oldest.set(oldestSeconds);
    } catch {
      // The database is away: no figure is better than a wrong one, and the other metrics are still told.
      this.pending.remove();
      this.oldest.remove();
    }
  }
}

/** Several relays of one process, as in tests, share their counters. */
function counter(name: string, help: string): Counter {
  const known = metrics.getSingleMetric(name) as Counter | undefined;
  return known ?? new Counter({ name, help, registers: [metrics] });
}

/** A gauge tells of the relay that was made last. */
function gauge(name: string, help: string, collect: () => Promise<void> | void): Gauge {
  metrics.removeSingleMetric(name);
  return new Gauge({ name, help, registers: [metrics], collect });
}
