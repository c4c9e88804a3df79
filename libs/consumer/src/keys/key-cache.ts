import { type KeySource, KeyServiceError, keysPerRequest, type PersonalDataKey } from './key-source.js';

/** Keys at hand, least recently used first out; what is missing is fetched in batches. */
export class KeyCache {
  private readonly keys = new Map<string, PersonalDataKey>();

  constructor(
    private readonly source: Pick<KeySource, 'fetch'>,
    private readonly capacity: number,
  ) {}

  /** @throws {KeyServiceError} also when the key service answers without one of the customers */
  async get(customerIds: ReadonlySet<string>): Promise<Map<string, PersonalDataKey>> {
    const found = new Map<string, PersonalDataKey>();
    const missing: string[] = [];
    for (const id of customerIds) {
      const key = this.keys.get(id);
      if (key) this.remember(id, key, found);
      else missing.push(id);
    }
    for (let start = 0; start < missing.length; start += keysPerRequest) {
      const asked = missing.slice(start, start + keysPerRequest);
      const fetched = await this.source.fetch(asked);
      for (const id of asked) {
        const key = fetched.get(id);
        if (!key) throw new KeyServiceError(`the key service said nothing about customer ${id}`);
        this.remember(id, key, found);
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

  private remember(id: string, key: PersonalDataKey, found: Map<string, PersonalDataKey>): void {
    found.set(id, key);
    this.keys.delete(id);
    this.keys.set(id, key);
    for (const oldest of this.keys.keys()) {
      if (this.keys.size <= this.capacity) break;
      this.keys.delete(oldest);
    }
  }
}
