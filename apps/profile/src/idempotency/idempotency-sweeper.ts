import { Rounds } from '@app/service-defaults';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { forget } from './idempotency-records.sql.js';

const keptHours = 24;
const everyMs = 10 * 60_000;
const atOnce = 5_000;

/** Forgets answers a day after they were given, in pieces. */
@Injectable()
export class IdempotencySweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Idempotency');
  private readonly rounds = new Rounds({
    // Instances that start together do not sweep together.
    round: async () => ((await this.sweep()) ? everyMs * (0.5 + Math.random()) : 0),
    failed: (error) => this.logger.warn(`old answers are forgotten later: ${String(error)}`),
    backOff: { baseMs: everyMs, maxMs: everyMs },
  });

  constructor(private readonly dataSource: DataSource) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  /** Forgets one piece of what is old enough now. @returns whether that was all */
  async sweep(): Promise<boolean> {
    return (await forget(this.dataSource.manager, keptHours, atOnce)) < atOnce;
  }
}
