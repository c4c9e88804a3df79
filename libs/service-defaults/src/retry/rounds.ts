import { type BackOff, backOffMs, pause } from './back-off.js';

export interface RoundsOptions {
  /** One round. @returns how long to rest after it, ms, unless woken; 0 when there may be more to do at once */
  round(signal: AbortSignal): Promise<number>;
  /** A round threw: the next one follows the longer, the more have thrown one after the other. */
  failed(error: unknown): void;
  backOff: BackOff;
}

/**
 * Work that is looked for in the background, one round after the other.
 *
 *   round ──more to do──▶ round
 *     ├──done──▶ resting ──wake(), or rested──▶ round
 *     ├──threw──▶ backing off, whoever wakes ──▶ round
 *     └──stop()──▶ stopped, from everywhere, after the round in hand
 */
export class Rounds {
  private readonly stopping = new AbortController();
  private bell = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: RoundsOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** There is something to do: no rest before the next round, nor after the one in hand, which may have looked already. */
  wake(): void {
    this.bell.abort();
  }

  /** Resolves when the round in hand has ended; its signal is given. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      this.bell = new AbortController();
      try {
        const restMs = await this.options.round(signal);
        failures = 0;
        if (restMs > 0) await pause(restMs, AbortSignal.any([signal, this.bell.signal]));
      } catch (error) {
        if (signal.aborted) return;
        this.options.failed(error);
        await pause(backOffMs(failures++, this.options.backOff), signal);
      }
    }
  }
}
