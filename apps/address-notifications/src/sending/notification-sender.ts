import { ConsumerEvents } from '@app/consumer';
import { Counter, metrics } from '@app/service-defaults';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Mailer } from './mailer.js';
import { sendBatch } from './send-batch.js';

/** Mails of one transaction: what is sent twice, at most, when the process dies. */
const batchSize = 50;
/** Retries fall due, and other processes record notifications: this finds them. */
const lookEveryMs = 1_000;
const shortestPauseMs = 500;
const longestPauseMs = 30_000;

const mails = new Counter({
  name: 'notification_mails_sent_total',
  help: 'Mails that the SMTP server has taken',
  registers: [metrics],
});

/**
 * Sends what is queued, until the process ends; several processes share the work.
 *
 *   sending ──nothing due──▶ waiting ──a commit, or a second──▶ sending
 *   sending ──server or database away──▶ pausing, longer each time ──▶ sending
 */
@Injectable()
export class NotificationSender implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('NotificationSender');
  private readonly closing = new AbortController();
  private woken = false;
  private interrupt: (() => void) | undefined;
  private loop: Promise<void> | undefined;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    private readonly mailer: Mailer,
    private readonly events: ConsumerEvents,
  ) {}

  onApplicationBootstrap(): void {
    this.events.on('batchCommitted', this.wake);
    this.loop = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.events.off('batchCommitted', this.wake);
    this.closing.abort();
    this.interrupt?.();
    await this.loop;
    this.mailer.close();
  }

  /** There may be something to send. */
  readonly wake = (): void => {
    this.woken = true;
    this.interrupt?.();
  };

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.closing.signal.aborted) {
      this.woken = false;
      const trouble = await this.trySending();
      if (trouble === undefined) {
        if (failures > 0) this.logger.log('mails go out again');
        failures = 0;
        if (!this.woken) await this.pause(lookEveryMs);
      } else {
        if (failures === 0) this.logger.warn(`no mail goes out, trying on: ${trouble}`);
        await this.pause(Math.min(shortestPauseMs * 2 ** failures++, longestPauseMs), { wakeable: false });
      }
    }
  }

  /** Sends until nothing is due. @returns what stands in the way. */
  private async trySending(): Promise<string | undefined> {
    try {
      for (;;) {
        const { claimed, sent, unavailable } = await sendBatch(
          this.dataSource,
          this.mailer,
          batchSize,
          this.closing.signal,
        );
        mails.inc(sent);
        if (unavailable !== undefined) return unavailable;
        if (claimed === 0 || this.closing.signal.aborted) return undefined;
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async pause(ms: number, { wakeable = true } = {}): Promise<void> {
    if (this.closing.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.interrupt = () => {
        if (!wakeable && !this.closing.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.interrupt = undefined;
  }
}
