import { ConsumerEvents } from '@app/consumer';
import { pause, SparingLog } from '@app/event-hubs';
import { Counter, metrics } from '@app/service-defaults';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HeadsDifferError, publishHeads, type Publication } from './publish-heads.js';

export const PUBLICATION = Symbol('what the audit publishes, and where');

/** What is rewritten within this time leaves no trace in what was published. */
const everyMs = 1_000;

const published = new Counter({
  name: 'audit_published_entries_total',
  help: 'Entries that a published head covers',
  registers: [metrics],
});
const refused = new Counter({
  name: 'audit_publication_refused_total',
  help: 'Looks at the chains that found another history than the published one: any is an alarm',
  registers: [metrics],
});

/** Publishes the chains' heads a second after they have grown, and once more at the end. */
@Injectable()
export class HeadsPublisher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('PublishedHeads');
  private readonly warnings = new SparingLog(this.logger);
  private readonly closing = new AbortController();
  private grown = true;
  private loop: Promise<void> | undefined;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(PUBLICATION) private readonly publication: Publication | undefined,
    private readonly events: ConsumerEvents,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.publication) {
      this.logger.warn(
        'heads are not published: who owns the database can rewrite it. Set AUDIT_HEADS_DIR and AUDIT_HEADS_KEY',
      );
      return;
    }
    this.events.on('batchCommitted', this.note);
    this.loop = this.run(this.publication);
  }

  async onModuleDestroy(): Promise<void> {
    this.events.off('batchCommitted', this.note);
    this.closing.abort();
    await this.loop;
  }

  private readonly note = (): void => {
    this.grown = true;
  };

  private async run(publication: Publication): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      if (this.grown) await this.publish(publication);
      await pause(everyMs, signal);
    }
    if (this.grown) await this.publish(publication);
  }

  private async publish(publication: Publication): Promise<void> {
    this.grown = false;
    try {
      const entries = await publishHeads(this.dataSource, publication);
      if (entries === undefined) this.grown = true; // another replica is at it, and may have looked before this commit
      published.inc(entries ?? 0);
    } catch (error) {
      this.grown = true;
      if (error instanceof HeadsDifferError) refused.inc();
      this.warnings.warn(`heads are published later: ${(error as Error).message}`);
    }
  }
}
