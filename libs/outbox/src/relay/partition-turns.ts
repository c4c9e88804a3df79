import { backOffMs } from '@app/event-hubs';

const backOff = { baseMs: 100, maxMs: 5_000 };
/**
 * What comes so soon after a batch was begun leaves together. A batch costs three trips however few events it has, and
 * its readers one transaction each: one for each event would take the processor from those who wait for it.
 */
const gatherMs = 20;

/**
 * - `more`: its limits have ended the batch, and not the outbox
 * - `busy`: another relay is at it
 */
export type BatchSent = 'more' | 'all' | 'busy';

export interface TurnOptions {
  send: () => Promise<BatchSent>;
  failed: (error: unknown) => void;
  pollIntervalMs: number;
  stopping: AbortSignal;
}

/**
 * When one partition is sent: batch after batch, never two at once.
 *
 *   idle ──begin()──▶ sending ──ended by its limits──▶ sending
 *    ▲                   ├──begin() meanwhile──▶ gathering ──▶ sending
 *    └───────────────────┴──busy, or failed: begin() does nothing until it is time to try again
 */
export class PartitionTurns {
  private sending: Promise<void> | undefined;
  /** Rows were seen while it was being sent: look again when it is done. */
  private moreSeen = false;
  private failures = 0;
  /** By `performance.now()`, as all times here. */
  private notBefore = 0;
  private begun = -Infinity;
  private gathering: NodeJS.Timeout | undefined;

  constructor(private readonly options: TurnOptions) {}

  /** Rows wait: they are sent at once, unless a batch has just been begun. */
  begin(): void {
    if (this.sending) this.moreSeen = true;
    else if (performance.now() >= this.notBefore && !this.options.stopping.aborted) this.startOrGather();
  }

  /** Resolves after the batch in hand; no other is begun once `stopping` has been aborted. */
  async ended(): Promise<void> {
    clearTimeout(this.gathering);
    await this.sending;
  }

  private startOrGather(): void {
    const early = this.begun + gatherMs - performance.now();
    if (early <= 0) this.start();
    else
      this.gathering ??= setTimeout(() => {
        this.gathering = undefined;
        this.begin();
      }, early);
  }

  private start(): void {
    this.begun = performance.now();
    this.moreSeen = false;
    this.sending = this.run();
  }

  private async run(): Promise<void> {
    const { send, failed, pollIntervalMs, stopping } = this.options;
    let sent: BatchSent = 'all';
    try {
      sent = await send();
      if (sent === 'busy') this.notBefore = performance.now() + pollIntervalMs;
      this.failures = 0;
    } catch (error) {
      failed(error);
      this.notBefore = performance.now() + backOffMs(this.failures++, backOff);
    }
    this.sending = undefined;
    // At the end of its outbox a batch has seen what was committed by then: who came later has set moreSeen.
    if (sent === 'more' && !stopping.aborted) this.start();
    else if (this.moreSeen) this.begin();
  }
}
