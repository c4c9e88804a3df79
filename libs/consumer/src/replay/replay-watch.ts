import { Logger } from '@nestjs/common';
import { SparingLog } from '@app/event-hubs';
import { Rounds } from '@app/service-defaults';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../runtime/in-transaction.js';
import type { Rebuild } from './rebuild.js';
import { endReplay, findArrived, isReplaying, lockReplay } from './sql/finish-replay.js';

const lookEveryMs = 1_000;
const lookOftenMs = 200;
/** Handlers in hand end within this, or it is tried again. */
const lockTimeoutMs = 5_000;

/**
 * Ends a replay when every partition has come to where the log ended at its begin. Every replica watches; the replay's
 * row says who ends it.
 */
export class ReplayWatch {
  private readonly logger = new Logger('Replay');
  private readonly log = new SparingLog(this.logger);
  private readonly rounds = new Rounds({
    round: () => this.round(),
    failed: (error) => this.log.warn(`a replay cannot end now: ${String(error)}`),
    backOff: { baseMs: lookEveryMs, maxMs: lookEveryMs },
  });

  constructor(
    private readonly consumerGroup: string,
    private readonly database: DataSource,
    private readonly rebuild: Rebuild | undefined,
  ) {}

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async round(): Promise<number> {
    const generation = await findArrived(this.database, this.consumerGroup);
    if (generation !== undefined) await this.end(generation);
    else if (await isReplaying(this.database, this.consumerGroup)) return lookOftenMs;
    return lookEveryMs;
  }

  private async end(generation: number): Promise<void> {
    const ended = await inTransaction(this.database, async (runner) => {
      await runner.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
      if (!(await lockReplay(runner, this.consumerGroup, generation))) return false;
      await this.rebuild?.finish(runner.manager);
      await endReplay(runner, this.consumerGroup, generation);
      return true;
    });
    if (ended) this.logger.log(`replay ${generation} of ${this.consumerGroup} has ended`);
  }
}
