import { DeadLetterQueue } from '@app/service-bus';
import { messageOf, Rounds, SparingLog, within } from '@app/service-defaults';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { noteDeadLetters } from './note-dead-letters.js';

const lookEveryMs = 30_000;
/** A lock lasts a minute: nothing that waits for less has been given up. */
const waitingMs = 60_000;
const inHandMs = 1_000;
const backOff = { baseMs: 1_000, maxMs: 60_000 };

/** Sees to it that no record says "queued" of a command that the queue has given up. */
@Injectable()
export class DeadLetterWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('DeadLetters'));
  private readonly rounds = new Rounds({
    round: async () => {
      await noteDeadLetters(this.dataSource, this.deadLetters, waitingMs);
      return lookEveryMs;
    },
    failed: (error) => this.log.warn(`dead letters are looked at later: ${messageOf(error)}`),
    backOff,
  });

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    private readonly deadLetters: DeadLetterQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  async onModuleDestroy(): Promise<void> {
    // An engine that does not answer is not waited for.
    await within(inHandMs, this.rounds.stop());
  }
}
