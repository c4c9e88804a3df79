import { backOffMs, messageOf, pause, within } from '@app/service-defaults';
import { Logger } from '@nestjs/common';
import type { CommandWorker } from './command-worker.js';
import { whatIsMissing } from '../what-is-missing.js';
import { ReceivingTurn } from './receiving-turn.js';
import type { SubscriptionOptions } from './subscription-options.js';

const engineBackOff = { baseMs: 100, maxMs: 1_000 };
const closeWithinMs = 5_000;

/**
 * Takes commands from a queue, as long as the process lives.
 *
 *   reaching ──the engine answers──▶ receiving ──the link breaks──▶ reaching
 *      └───────────── close() ───────────┴──▶ closed
 */
export class ServiceBusSubscription {
  private readonly logger = new Logger('ServiceBus');
  private readonly closing = new AbortController();
  private loop: Promise<void> | undefined;
  private receiving: ReceivingTurn | undefined;

  constructor(
    private readonly options: SubscriptionOptions,
    private readonly worker: CommandWorker,
  ) {}

  start(): void {
    this.loop ??= this.run().catch((error: unknown) => {
      // The service lives on, not ready: what ended the receiving is a mistake that a restart alone does not mend.
      this.receiving = undefined;
      this.logger.error(`receiving has ended, no command is taken any more: ${messageOf(error)}`);
    });
  }

  /** Whether the engine answers and commands are being taken. */
  get running(): boolean {
    return this.receiving !== undefined;
  }

  /** Finishes the commands in hand, gives back those that wait, and disconnects, within about 7 s in the worst case. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const turn = new ReceivingTurn(this.options, this.worker);
      if (await this.reached(turn)) {
        turn.begin();
        this.connected(turn);
        await Promise.race([turn.broken, aborted(signal)]);
        this.disconnected();
      }
      await turn.end();
      if (signal.aborted && !(await within(closeWithinMs, this.worker.close())))
        this.logger.warn('a handler did not end in time: its command comes again');
      const disconnected = turn.disconnect();
      if (signal.aborted) await within(1_500, disconnected);
    }
  }

  /** Tries until the engine answers; `false` when closed before. */
  private async reached(turn: ReceivingTurn): Promise<boolean> {
    const { signal } = this.closing;
    let told: string | undefined;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await turn.reach(signal);
        return !signal.aborted;
      } catch (error) {
        if (signal.aborted) return false;
        const missing = whatIsMissing(error, { ...this.options.settings, right: 'Listen' });
        if (missing !== undefined && missing !== told) this.logger.error(missing);
        else if (missing === undefined && failures === 0)
          this.logger.warn(`the queue cannot be reached, trying on: ${messageOf(error)}`);
        told = missing ?? told;
        await pause(backOffMs(failures, engineBackOff), signal);
      }
    }
    return false;
  }

  private connected(turn: ReceivingTurn): void {
    this.receiving = turn;
    this.logger.log(`commands are taken from ${this.options.settings.queue}`);
    this.options.events.emit('connected');
  }

  private disconnected(): void {
    this.receiving = undefined;
    if (!this.closing.signal.aborted) this.logger.warn('the link to the queue has broken: reaching for it');
    this.options.events.emit('disconnected');
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
