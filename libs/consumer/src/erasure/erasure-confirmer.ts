import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { backOffMs, pause, SparingLog, type StatementRunner } from '@app/event-hubs';
import type { ServiceToken } from '@app/service-defaults';
import type { ConsumerEvents } from '../lifecycle/consumer.events.js';
import { confirmed, dueConfirmations, notConfirmed } from './sql/confirmations.js';

/** What another replica has carried out may be left to this one, when that one ends. */
const lookEveryMs = 1_000;
const backOff = { baseMs: 500, maxMs: 300_000 };
const awayMs = 5_000;

/**
 * Tells profile that this group has carried an erasure out. The row was written with the erasure itself, so that
 * neither a crash nor an absent profile loses it; told twice, profile takes it once.
 */
export class ErasureConfirmer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('Erasure'));
  private readonly stopping = new AbortController();
  private bell = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly consumerGroup: string,
    private readonly profileUrl: string,
    private readonly database: StatementRunner,
    private readonly token: Pick<ServiceToken, 'fetch'>,
    events: ConsumerEvents,
  ) {
    events.on('erased', () => this.bell.abort());
  }

  onApplicationBootstrap(): void {
    this.running ??= this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    this.bell.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.bell = new AbortController();
      try {
        const due = await dueConfirmations(this.database, backOff.maxMs);
        for (const { erasureId, attempts } of due)
          if (!signal.aborted) await this.confirm(erasureId, attempts);
        if (due.length === 0) await pause(lookEveryMs, this.bell.signal);
      } catch (error) {
        this.log.warn(`erasures are confirmed later: ${String(error)}`);
        await pause(awayMs, signal);
      }
    }
  }

  private async confirm(erasureId: string, attempts: number): Promise<void> {
    try {
      await this.tell(erasureId);
    } catch (error) {
      this.log.warn(`erasure ${erasureId} is not confirmed yet: ${String(error)}`);
      await notConfirmed(this.database, erasureId, backOffMs(attempts, backOff));
      return;
    }
    await confirmed(this.database, erasureId);
  }

  private async tell(erasureId: string): Promise<void> {
    const url = `${this.profileUrl}/v1/erasures/${encodeURIComponent(erasureId)}/confirmations`;
    const response = await this.token.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consumerGroup: this.consumerGroup }),
      signal: AbortSignal.any([AbortSignal.timeout(5_000), this.stopping.signal]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  }
}
