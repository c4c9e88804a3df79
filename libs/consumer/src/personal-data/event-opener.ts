import { UnsealError } from '@app/contracts';
import type { KeyCache } from '../keys/key-cache.js';
import type { PersonalDataKey } from '../keys/key-source.js';
import { lendersTo, openData, sealingOf, withLentData } from '../runtime/open-events.js';
import type { OpenAll } from './held-data.js';

/** Opens events that were taken sealed, when their data is wanted after all. */
export class EventOpener {
  constructor(private readonly keys: Pick<KeyCache, 'get'>) {}

  /** @throws {KeyServiceError} when something is sealed and the keys cannot be had */
  readonly open: OpenAll = async (events) => {
    const sealings = events.map(({ type, data }) => sealingOf(type, data));
    const kids = sealings.flatMap((sealing) => (sealing.form === 'sealed' ? [sealing.kid] : []));
    const keys = await this.keys.get(new Set(kids));
    const opened = events.map(({ data }, index) => {
      const sealing = sealings[index];
      const key = sealing?.form === 'sealed' ? keys.get(sealing.kid) : undefined;
      if (sealing?.form !== 'sealed' || !key) return data;
      return unlessWrong(data, () => openData(data as object, sealing.jwe, key));
    });
    const lenders = new Set(opened.flatMap((data) => unlessWrong([], () => lendersTo(data))));
    if (lenders.size === 0) return opened;
    const lent: ReadonlyMap<string, PersonalDataKey> = await this.keys.get(lenders);
    return opened.map((data) => unlessWrong(data, () => withLentData(data, lent)));
  };
}

/** Altered, or sealed by a stranger: it is held all the same, and told as it is. */
function unlessWrong<T>(otherwise: T, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof UnsealError) return otherwise;
    throw error;
  }
}
