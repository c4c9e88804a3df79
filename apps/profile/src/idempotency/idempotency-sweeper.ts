import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { forget } from './idempotency-records.sql.js';

const keptHours = 24;
const everyMs = 10 * 60_000;
const atOnce = 5_000;

/** Forgets answers a day after they were given, in pieces. */
@Injectable()
export class IdempotencySweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Idempotency');
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Everything that is old enough now. */
  async sweep(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      if ((await forget(this.dataSource.manager, keptHours, atOnce)) < atOnce) return;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.sweep();
      } catch (error) {
        this.logger.warn(`old answers are forgotten later: ${String(error)}`);
      }
      // Instances that start together do not sweep together.
      await pause(everyMs * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
