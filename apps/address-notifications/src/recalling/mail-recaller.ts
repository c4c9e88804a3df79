import { ConsumerEvents } from '@app/consumer';
import { pause, SparingLog } from '@app/event-hubs';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { messageIdOf } from '../mail/mail.js';

const lookEveryMs = 1_000;
const awayMs = 5_000;
const mostAtOnce = 50;

/**
 * Takes the mails of erased customers out of the local mailbox. A mail that a real server has delivered is not ours to take
 * back; the mailbox is part of this platform, and keeps what it is sent.
 *
 *   idle ──an erasure, or a second──▶ recalling, until nothing is left ──▶ idle
 */
export class MailRecaller implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('MailRecaller'));
  private readonly stopping = new AbortController();
  private bell = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly mailbox: URL,
    private readonly events: ConsumerEvents,
  ) {}

  onApplicationBootstrap(): void {
    this.events.on('erased', this.wake);
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.events.off('erased', this.wake);
    this.stopping.abort();
    this.bell.abort();
    await this.running;
  }

  private readonly wake = (): void => this.bell.abort();

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.bell = new AbortController();
      try {
        if ((await this.recallSome()) === 0) await pause(lookEveryMs, this.bell.signal);
      } catch (error) {
        this.log.warn(`mails are recalled later: ${String(error)}`);
        await pause(awayMs, signal);
      }
    }
  }

  private async recallSome(): Promise<number> {
    const due = await this.dataSource.query<{ id: string; event_id: string }[]>(
      'SELECT id, event_id FROM notification WHERE to_recall ORDER BY id LIMIT $1',
      [mostAtOnce],
    );
    for (const { id, event_id: eventId } of due) {
      await this.recall(eventId);
      await this.dataSource.query('UPDATE notification SET to_recall = false WHERE id = $1', [id]);
    }
    return due.length;
  }

  private async recall(eventId: string): Promise<void> {
    const url = new URL(`messages/${encodeURIComponent(messageIdOf(eventId))}`, this.mailbox);
    const signal = AbortSignal.any([AbortSignal.timeout(5_000), this.stopping.signal]);
    const response = await fetch(url, { method: 'DELETE', signal });
    await response.body?.cancel();
    // Never sent, or recalled before: it is not there, which is what was wanted.
    if (!response.ok && response.status !== 404)
      throw new Error(`${this.mailbox.origin} answered ${response.status}`);
  }
}
