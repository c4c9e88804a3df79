import type { Logger } from '../logging/logger.js';
import type { EventHub } from './event-hub.js';

const PAUSE_MS = 1_000;
/** What went wrong in a partition is said again after this. */
const REPEAT_MS = 60_000;

/** Looks at one partition after the other, all the time, and lets it remove what has expired. */
export class RetentionSweep {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = false;
  private readonly said = new Map<string, number>();

  constructor(
    private readonly hubs: readonly EventHub[],
    private readonly log: Logger,
  ) {
    if (hubs.length > 0) this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep();
    }, PAUSE_MS).unref();
  }

  private async sweep(): Promise<void> {
    for (const { name, partitions } of this.hubs) {
      for (const { id, log } of partitions) {
        if (this.stopped) return;
        await log.expire().catch((error: unknown) => this.warn(`${name}/${id}`, error));
      }
    }
    if (!this.stopped) this.schedule();
  }

  private warn(partition: string, error: unknown): void {
    const now = performance.now();
    if (now - (this.said.get(partition) ?? -Infinity) < REPEAT_MS) return;
    this.said.set(partition, now);
    this.log.warn(`${partition}: expired events are still there, the next try follows: ${String(error)}`);
  }
}
