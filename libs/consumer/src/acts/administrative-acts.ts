import { randomUUID } from 'node:crypto';
import { HttpException, Injectable, Logger } from '@nestjs/common';
import type { StatementRunner } from '@app/event-hubs';
import { type ActOutcome, beginAct, endAct } from './sql.js';

export interface Act {
  /** What is done: pause, resume, redrive, discard, replay, fault, clear-faults. */
  act: string;
  /** Who does it: `sub` of the token. */
  actor: string;
  /** What was asked for. Nothing personal: the audit keeps it for ever, unsealed. */
  details?: Record<string, unknown>;
}

/**
 * Notes what an administrator does, before it is done: no act goes without an entry, and while the database is away
 * there is none. {@link ActSender} carries them to the stream, where the audit reads them.
 */
@Injectable()
export class AdministrativeActs {
  private readonly logger = new Logger('Acts');

  constructor(
    private readonly database: StatementRunner,
    private readonly ended: () => void = () => undefined,
  ) {}

  /** @param work does it; tells about which customer it is, where it is about one. */
  async during<T>(
    { act, actor, details = {} }: Act,
    work: (about: (customerId: string) => void) => Promise<T> | T,
  ): Promise<T> {
    const id = randomUUID();
    let customerId: string | null = null;
    await beginAct(this.database, { id, act, actor, details });
    let outcome: ActOutcome = 'failed';
    try {
      const result = await work((about) => (customerId = about));
      outcome = 'done';
      return result;
    } catch (error) {
      if (error instanceof HttpException && error.getStatus() < 500) outcome = 'refused';
      throw error;
    } finally {
      await this.end(id, outcome, customerId);
    }
  }

  /** What became of it is not worth an error to who did it: the audit will say `unknown`. */
  private async end(id: string, outcome: ActOutcome, customerId: string | null): Promise<void> {
    try {
      await endAct(this.database, { id, outcome, customerId });
      this.ended();
    } catch (error) {
      this.logger.warn(`what became of act ${id} is not noted: ${String(error)}`);
    }
  }
}
