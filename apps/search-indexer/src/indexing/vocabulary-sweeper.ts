import { ConsumerEvents } from '@app/consumer';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { forgetWords } from './forget-words.js';

const everyMs = 10_000;

/** Keeps the vocabulary to words that somebody has; one look at an empty table when there is nothing to do. */
@Injectable()
export class VocabularySweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('VocabularySweeper');
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    private readonly events: ConsumerEvents,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(this.wake, everyMs);
    // Who has been erased is not left in the vocabulary until the next round.
    this.events.on('erased', this.wake);
  }

  async onModuleDestroy(): Promise<void> {
    this.events.off('erased', this.wake);
    clearInterval(this.timer);
    await this.sweeping;
  }

  private readonly wake = (): void => {
    this.sweeping ??= this.sweep().finally(() => (this.sweeping = undefined));
  };

  private async sweep(): Promise<void> {
    try {
      while (await forgetWords(this.dataSource));
    } catch (error) {
      // Indexing is busy, or the database is away: the suspects stay for the next time.
      this.logger.debug(`the vocabulary is swept later: ${String(error)}`);
    }
  }
}
