import { isExpired, type Retention } from '../retention.js';
import type { Appender } from './appender.js';
import type { Checkpoints } from './checkpoints.js';
import type { Sabotage } from './sabotage.js';
import type { Segment } from './segment.js';
import type { Segments } from './segments.js';

/** A segment holds at most this part of what retention keeps, so that not much more is kept. */
export const SEGMENTS_KEPT = 8;

export interface ExpiryOptions {
  readonly retention: Retention;
  readonly segments: Segments;
  readonly appender: Appender;
  readonly checkpoints: Checkpoints;
  readonly sabotage: Sabotage | undefined;
  /** What ages are reckoned with. */
  readonly clock: () => number;
}

/**
 * Removes what retention lets go: whole segments, the oldest first. That one is to go is noted durably before
 * anything of it is touched: a crash leaves it there as a whole, or the next start finishes the removal.
 */
export class Expiry {
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: ExpiryOptions) {}

  /** @throws what the disk answered */
  run(): Promise<void> {
    this.running ??= this.expire().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running?.catch(() => undefined); // whoever asked for it learns of it
  }

  private async expire(): Promise<void> {
    await this.removeExpired();
    if (this.stopped || !this.isOld()) return;
    await this.options.appender.seal();
    await this.removeExpired();
  }

  private async removeExpired(): Promise<void> {
    const { segments, checkpoints, sabotage } = this.options;
    for (let next = this.behindExpired(); next !== undefined; next = this.behindExpired()) {
      await segments.prepareRemoval();
      if (sabotage !== 'expire-unnoted') await checkpoints.write(next.header.baseOffset);
      await segments.removeFirst();
    }
  }

  /** Whether the active segment has been open for long enough: its first records must not wait for the last. */
  private isOld(): boolean {
    const { retention, segments, clock } = this.options;
    const since = segments.active.index?.since;
    return (
      retention.ms !== undefined && since !== undefined && since + retention.ms / SEGMENTS_KEPT <= clock()
    );
  }

  /** The segment behind the first one, if the first one may go. */
  private behindExpired(): Segment | undefined {
    const { retention, segments, appender, sabotage, clock } = this.options;
    const { second } = segments;
    if (second === undefined || this.stopped || appender.failure !== undefined) return undefined;
    const { baseOffset, created: newestTime } = second.header;
    const bytesBehind = appender.durableEnd - baseOffset;
    const mayGo =
      isExpired(retention, { newestTime, bytesBehind }, clock()) ||
      baseOffset <= (retention.keepFrom?.() ?? 0) ||
      sabotage === 'expire-early';
    return mayGo ? second : undefined;
  }
}
