import { Logger } from '@nestjs/common';
import { pause, SparingLog } from '@app/event-hubs';
import type { DataSource } from 'typeorm';
import { type LatestNow, latestNowOf, pruneInbox, type PruneOptions } from './prune-inbox.js';

const everyMs = 60 * 60 * 1_000;

/** Keeps the inbox from growing for ever: looks through it once an hour, in the background. */
export class InboxSweeper {
  private readonly logger = new Logger('Inbox');
  private readonly log = new SparingLog(this.logger);
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly options: PruneOptions,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let latestNow: LatestNow | undefined;
    for (;;) {
      try {
        latestNow ??= await latestNowOf(this.database);
      } catch (error) {
        this.log.warn(`the inbox is swept later: ${String(error)}`);
      }
      // Replicas that start together do not sweep together.
      await pause(everyMs * (0.5 + Math.random()), signal);
      if (signal.aborted) return;
      if (!latestNow) continue;
      try {
        const pruned = await pruneInbox(this.database, this.options, latestNow, signal);
        if (pruned) this.logger.log(`${pruned} rows of the inbox are past their retention`);
      } catch (error) {
        this.log.warn(`the inbox is swept later: ${String(error)}`);
      }
    }
  }
}
