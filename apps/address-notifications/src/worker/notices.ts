import { KeyServiceError, type KeySource, openSealed } from '@app/consumer';
import { kidOf, type SendNotification, UnsealError } from '@app/contracts';
import { type Notice, noticeOf } from '../domain/address-change.js';

/** What every command needs cannot be had. */
export interface Unreachable {
  away: string;
}

type Keys = Pick<KeySource, 'fetch'>;

/**
 * The keys of all these commands in one request. Where it fails, because of one customer perhaps, each command asks for its
 * own: none is to blame for another.
 */
export async function keysFor(source: Keys, commands: readonly SendNotification[]): Promise<Keys> {
  const sealed = commands.filter(({ data }) => Boolean(data?.personal));
  const customers = [...new Set(sealed.map(({ customerId }) => customerId))];
  if (customers.length < 2) return source;
  try {
    const keys = await source.fetch(customers);
    return { fetch: async (ids) => (ids.every((id) => keys.has(id)) ? keys : source.fetch(ids)) };
  } catch (error) {
    if (error instanceof KeyServiceError) return source;
    throw error;
  }
}

/** Opens what a command says, and asks whether and what its customer is to be told. */
export async function noticeFor(
  keys: Keys,
  { about, customerId, data }: SendNotification,
): Promise<Notice | Unreachable> {
  try {
    // An erasure finds a notification by its customer: nobody is told under another's name.
    if (data?.personal && kidOf(data.personal) !== customerId) return { send: false, reason: 'unreadable' };
    return noticeOf(await openSealed(keys, { type: about, data }));
  } catch (error) {
    if (error instanceof UnsealError) return { send: false, reason: 'unreadable' };
    if (error instanceof KeyServiceError) return { away: 'no-personal-data-keys' };
    throw error;
  }
}
