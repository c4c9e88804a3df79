import { jsonOf } from '@app/event-hubs';
import type { DataSource } from 'typeorm';
import type { EventOpener } from './event-opener.js';
import type { HeldData, PersonalDataOf } from './held-data.js';
import { listHeld, mostEvents } from './list-held.sql.js';

/** All that this consumer holds about a customer: what the runtime has set aside, and what its own tables say. */
export class HeldDataService {
  constructor(
    private readonly consumerGroup: string,
    private readonly database: DataSource,
    private readonly opener: EventOpener,
    private readonly ownData: PersonalDataOf | undefined,
  ) {}

  /** @throws {KeyServiceError} when something sealed is held and the keys cannot be had */
  async of(customerId: string): Promise<HeldData> {
    const own = await this.ownData?.(this.database.manager, customerId, this.opener.open);
    return {
      consumerGroup: this.consumerGroup,
      held: { ...own, setAside: await this.setAsideOf(customerId) },
    };
  }

  private async setAsideOf(customerId: string): Promise<object> {
    const found = await listHeld(this.database, customerId);
    const held = found.slice(0, mostEvents);
    const read = held.map(({ type, body }) => ({ type, data: dataOf(body) }));
    const opened = await this.opener.open(read);
    return {
      events: held.map(({ body: _body, ...event }, index) => Object.assign(event, { data: opened[index] })),
      ...(found.length > mostEvents ? { more: true } : {}),
    };
  }
}

/** JSON, or its bytes in base64 where a stranger wrote something else. */
function dataOf(body: Buffer): unknown {
  const json = jsonOf(body);
  return json.success ? json.data : { base64: body.toString('base64') };
}
