import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ImportRunner } from './import-runner.js';
import { ImportStore } from './import-store.js';

/** One worker for all replicas: imports run one after the other, in the order they were accepted. */
const workerLock = 7_104_022;
const lookEveryMs = 1_000;

/**
 * Idle → (woken, or a look a second) → holds the lock → runs imports until none is left → idle. A failure is logged and
 * tried again at the next look; shutdown ends it between two batches.
 */
@Injectable()
export class ImportWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('ImportWorker');
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: ImportStore,
    private readonly runner: ImportRunner,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.store.dropAbandoned();
    this.timer = setInterval(() => this.wake(), lookEveryMs);
    this.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.timer);
    await this.working;
  }

  wake(): void {
    if (this.stopping.signal.aborted) return;
    if (this.working) {
      this.again = true;
      return;
    }
    this.working = this.work()
      .catch((error: unknown) => {
        this.logger.error(
          `an import stopped and is tried again: ${error instanceof Error ? error.message : String(error)}`,
        );
      })
      .finally(() => {
        this.working = undefined;
        if (this.again) this.wakeAgain();
      });
  }

  private wakeAgain(): void {
    this.again = false;
    this.wake();
  }

  private async work(): Promise<void> {
    if (!(await this.store.next())) return;
    const holder = this.dataSource.createQueryRunner();
    try {
      const [{ held }] = (await holder.query('SELECT pg_try_advisory_lock($1) AS held', [workerLock])) as [
        { held: boolean },
      ];
      if (!held) return;
      try {
        for (
          let job = await this.store.next();
          job && !this.stopping.signal.aborted;
          job = await this.store.next()
        ) {
          await this.runner.run(job, this.stopping.signal);
        }
      } finally {
        await holder.query('SELECT pg_advisory_unlock($1)', [workerLock]);
      }
    } finally {
      await holder.release();
    }
  }
}
