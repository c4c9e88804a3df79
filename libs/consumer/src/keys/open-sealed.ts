import { lendersTo, openData, sealingOf, withLentData } from '../runtime/open-events.js';
import { UnsealError } from '@app/contracts';
import type { KeySource } from './key-source.js';

/**
 * Opens an event's data outside of the stream, as its handler would see it: `personal: null, erased: true` once the key is
 * gone. Asks for the keys each time, because nobody tells a process that reads no stream of an erasure.
 *
 * @throws {KeyServiceError} when the keys cannot be had. @throws {UnsealError} when it is not sealed as an event is
 */
export async function openSealed(
  keys: Pick<KeySource, 'fetch'>,
  { type, data }: { type: string; data: unknown },
): Promise<unknown> {
  const sealing = sealingOf(type, data);
  if (sealing.form === 'malformed') throw new UnsealError(sealing.reason);
  if (sealing.form === 'plain') return data;
  const key = (await keys.fetch([sealing.kid])).get(sealing.kid);
  if (!key) throw new UnsealError('the key service did not answer for the customer');
  const opened = openData(data as object, sealing.jwe, key);
  const lenders = lendersTo(opened);
  return lenders.length === 0 ? opened : withLentData(opened, await keys.fetch(lenders));
}
