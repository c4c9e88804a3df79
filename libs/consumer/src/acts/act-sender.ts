import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { partitionForKey } from '@app/contracts';
import { type EventHubsSender, SparingLog, within } from '@app/event-hubs';
import { Rounds } from '@app/service-defaults';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../runtime/in-transaction.js';
import { actEvent } from './act-event.js';
import { forgetActs, lockActs } from './sql.js';

/** What another replica has noted may be left to this one, when that one ends. */
const lookEveryMs = 5_000;
const backOff = { baseMs: 500, maxMs: 60_000 };
const actsAtOnce = 50;
const inHandMs = 1_000;

/** Carries administrative acts to the stream, where the audit reads them; what was not acknowledged is sent again. */
export class ActSender implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('Acts'));
  private readonly rounds = new Rounds({
    round: async () => ((await this.sendSome()) === 0 ? lookEveryMs : 0),
    failed: (error) => this.log.warn(`administrative acts wait to be sent: ${String(error)}`),
    backOff,
  });

  constructor(
    private readonly consumerGroup: string,
    private readonly database: DataSource,
    private readonly sender: EventHubsSender,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  async onModuleDestroy(): Promise<void> {
    const stopped = this.rounds.stop();
    // An engine that does not answer is not waited for: the act goes out again at the next start.
    await within(inHandMs, stopped);
    await this.sender.close();
    await stopped;
  }

  /** Something may be there to be sent. */
  wake(): void {
    this.rounds.wake();
  }

  private sendSome(): Promise<number> {
    return inTransaction(this.database, async (runner) => {
      const acts = await lockActs(runner, actsAtOnce);
      if (acts.length === 0) return 0;
      const partitions = (await this.sender.partitionIds()).length;
      for (const act of acts) {
        const partition = partitionForKey(act.customerId ?? this.consumerGroup, partitions);
        await this.sender.send(String(partition), [actEvent(this.consumerGroup, act)]);
      }
      await forgetActs(
        runner,
        acts.map(({ id }) => id),
      );
      return acts.length;
    });
  }
}
