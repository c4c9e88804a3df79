import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { backOffMs, SparingLog, type StatementRunner } from '@app/event-hubs';
import { Rounds, type ServiceToken } from '@app/service-defaults';
import type { ConsumerEvents } from '../lifecycle/consumer.events.js';
import { confirmed, dueConfirmations, notConfirmed } from './sql/confirmations.js';

/** What another replica has carried out may be left to this one, when that one ends. */
const lookEveryMs = 1_000;
const backOff = { baseMs: 500, maxMs: 300_000 };
const awayBackOff = { baseMs: 500, maxMs: 5_000 };

/**
 * Tells profile that this group has carried an erasure out. The row was written with the erasure itself, so that
 * neither a crash nor an absent profile loses it; told twice, profile takes it once.
 */
export class ErasureConfirmer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('Erasure'));
  private readonly rounds = new Rounds({
    round: (signal) => this.round(signal),
    failed: (error) => this.log.warn(`erasures are confirmed later: ${String(error)}`),
    backOff: awayBackOff,
  });

  constructor(
    private readonly consumerGroup: string,
    private readonly profileUrl: string,
    private readonly database: StatementRunner,
    private readonly token: Pick<ServiceToken, 'fetch'>,
    events: ConsumerEvents,
  ) {
    events.on('erased', () => this.rounds.wake());
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.stop();
  }

  private async round(signal: AbortSignal): Promise<number> {
    const due = await dueConfirmations(this.database, backOff.maxMs);
    for (const { erasureId, attempts } of due)
      if (!signal.aborted) await this.confirm(erasureId, attempts, signal);
    return due.length === 0 ? lookEveryMs : 0;
  }

  private async confirm(erasureId: string, attempts: number, signal: AbortSignal): Promise<void> {
    try {
      await this.tell(erasureId, signal);
    } catch (error) {
      this.log.warn(`erasure ${erasureId} is not confirmed yet: ${String(error)}`);
      await notConfirmed(this.database, erasureId, backOffMs(attempts, backOff));
      return;
    }
    await confirmed(this.database, erasureId);
  }

  private async tell(erasureId: string, signal: AbortSignal): Promise<void> {
    const url = `${this.profileUrl}/v1/erasures/${encodeURIComponent(erasureId)}/confirmations`;
    const response = await this.token.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consumerGroup: this.consumerGroup }),
      signal: AbortSignal.any([AbortSignal.timeout(5_000), signal]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  }
}
