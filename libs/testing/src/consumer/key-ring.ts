import { newPersonalDataKey } from '@app/contracts';
import type { PersonalDataKey } from '@app/consumer';

/** The keys of a test's customers, as the profile service would hand them out. */
export class KeyRing {
  private readonly keys = new Map<string, PersonalDataKey>();

  keyOf(customerId: string): Buffer {
    const known = this.keys.get(customerId);
    if (known && !known.erased) return known.key;
    const key = newPersonalDataKey();
    this.keys.set(customerId, { erased: false, key });
    return key;
  }

  erase(customerId: string): void {
    this.keys.set(customerId, { erased: true });
  }

  async fetch(customerIds: readonly string[]): Promise<Map<string, PersonalDataKey>> {
    return new Map(
      customerIds.map((id) => {
        const key = this.keys.get(id);
        if (!key) throw new Error(`nobody made a key for ${id}`);
        return [id, key];
      }),
    );
  }
}
