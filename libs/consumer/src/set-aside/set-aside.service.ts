import { Problem } from '@app/service-defaults';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../runtime/in-transaction.js';
import { discard } from './sql/discard.js';
import { findSetAside, type SetAsideEventDto } from './sql/find-set-aside.js';
import { listSetAside, type SetAsideDto, type SetAsideFilter } from './sql/list-set-aside.js';
import { redrive } from './sql/redrive.js';

export interface EventName {
  eventId: string;
  /** Needed where several sources use the same id. */
  source?: string | undefined;
}

/** What an operator does about events that failed. */
export class SetAsideService {
  constructor(
    private readonly database: DataSource,
    private readonly drainer: { wake(): void },
  ) {}

  list(filter: SetAsideFilter, page: { after: string | undefined; limit: number }): Promise<SetAsideDto[]> {
    return listSetAside(this.database, filter, page);
  }

  /** @throws {Problem} 404, or 409 when the id alone does not say which */
  async find({ eventId, source }: EventName): Promise<SetAsideEventDto> {
    const [event, another] = await findSetAside(this.database, eventId, source);
    if (!event) throw notFound(`No event ${eventId} is set aside here.`);
    if (another) {
      throw new Problem(409, 'ambiguous-event', 'Several sources use this id: name one as ?source=.');
    }
    return event;
  }

  /** Tries customers again, in order, as soon as possible. Answers how many. */
  async redrive(filter: SetAsideFilter): Promise<number> {
    const customers = await redrive(this.database, filter);
    this.drainer.wake();
    return customers;
  }

  /** @returns the id of its customer. @throws {Problem} 404 */
  async discard(name: EventName, reason: string, actor: string): Promise<string> {
    const { eventId, source, customerId } = await this.find(name);
    const gone = await inTransaction(this.database, (runner) =>
      discard(runner, { eventId, source, customerId, reason, actor }),
    );
    if (!gone) throw notFound(`Event ${eventId} has been applied meanwhile.`);
    this.drainer.wake();
    return customerId;
  }
}

export const notFound = (detail: string): Problem =>
  new Problem(404, 'not-set-aside', 'It is not set aside.', { detail });
