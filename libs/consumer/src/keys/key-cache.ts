import { RecentMap } from '../recent/recent-map.js';
import { type KeySource, KeyServiceError, keysPerRequest, type PersonalDataKey } from './key-source.js';

/** Keys at hand, those used last; what is missing is fetched in batches. */
export class KeyCache {
  private readonly keys: RecentMap<string, PersonalDataKey>;

  constructor(
    private readonly source: Pick<KeySource, 'fetch'>,
    capacity: number,
  ) {
    this.keys = new RecentMap(capacity);
  }

  /** @throws {KeyServiceError} also when the key service answers without one of the customers */
  async get(customerIds: ReadonlySet<string>): Promise<Map<string, PersonalDataKey>> {
    const found = new Map<string, PersonalDataKey>();
    const missing: string[] = [];
    for (const id of customerIds) {
      const key = this.keys.get(id);
      if (key) found.set(id, key);
      else missing.push(id);
    }
    for (let start = 0; start < missing.length; start += keysPerRequest) {
      const asked = missing.slice(start, start + keysPerRequest);
      const fetched = await this.source.fetch(asked);
      for (const id of asked) {
        const key = fetched.get(id);
        if (!key) throw new KeyServiceError(`the key service said nothing about customer ${id}`);
        found.set(id, key);
        this.keys.set(id, key);
      }
    }
    return found;
  }

  /** The customer is erased: what is asked next learns it from the source. */
  forget(customerId: string): void {
    this.keys.delete(customerId);
  }

  get size(): number {
    return this.keys.size;
  }
}
