import { UnsealError } from '@app/contracts';
import { jsonOf } from '@app/event-hubs';
import type { DataSource } from 'typeorm';
import type { KeyCache } from '../keys/key-cache.js';
import { openData, sealingOf } from '../runtime/open-events.js';
import type { HeldData, OpenAll, PersonalDataOf } from './held-data.js';
import { listHeld, mostEvents } from './list-held.sql.js';

/** All that this consumer holds about a customer: what the runtime has set aside, and what its own tables say. */
export class HeldDataService {
  constructor(
    private readonly consumerGroup: string,
    private readonly database: DataSource,
    private readonly keys: Pick<KeyCache, 'get'>,
    private readonly ownData: PersonalDataOf | undefined,
  ) {}

  /** @throws {KeyServiceError} when something sealed is held and the keys cannot be had */
  async of(customerId: string): Promise<HeldData> {
    const own = await this.ownData?.(this.database.manager, customerId, this.open);
    return {
      consumerGroup: this.consumerGroup,
      held: { ...own, setAside: await this.setAsideOf(customerId) },
    };
  }

  private async setAsideOf(customerId: string): Promise<object> {
    const found = await listHeld(this.database, customerId);
    const held = found.slice(0, mostEvents);
    const read = held.map(({ type, body }) => ({ type, data: dataOf(body) }));
    const opened = await this.open(read);
    return {
      events: held.map(({ body: _body, ...event }, index) => Object.assign(event, { data: opened[index] })),
      ...(found.length > mostEvents ? { more: true } : {}),
    };
  }

  private readonly open: OpenAll = async (events) => {
    const sealings = events.map(({ type, data }) => sealingOf(type, data));
    const kids = sealings.flatMap((sealing) => (sealing.form === 'sealed' ? [sealing.kid] : []));
    const keys = await this.keys.get(new Set(kids));
    return events.map(({ data }, index) => {
      const sealing = sealings[index];
      const key = sealing?.form === 'sealed' ? keys.get(sealing.kid) : undefined;
      if (sealing?.form !== 'sealed' || !key) return data;
      try {
        return openData(data as object, sealing.jwe, key);
      } catch (error) {
        // Altered, or sealed by a stranger: it is held all the same, and told as it is.
        if (error instanceof UnsealError) return data;
        throw error;
      }
    });
  };
}

/** JSON, or its bytes in base64 where a stranger wrote something else. */
function dataOf(body: Buffer): unknown {
  const json = jsonOf(body);
  return json.success ? json.data : { base64: body.toString('base64') };
}
