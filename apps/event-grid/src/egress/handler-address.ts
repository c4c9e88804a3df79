import { isIP } from 'node:net';
import { type Networks, reachOf } from './networks.js';

/** A handler's address that must not be called; the message says what to do, and is told to who asked. */
export class ForbiddenAddressError extends Error {
  readonly code = 'FORBIDDEN_ADDRESS';
}

const longest = 2_048;

/**
 * What can be told from the URL alone. Hosts in decimal, octal, hexadecimal or short forms are IPv4 addresses to the URL
 * standard, and come out of it as such. @throws {ForbiddenAddressError}
 */
export function handlerAddress(text: string, allowed: Networks): URL {
  if (text.length > longest) throw new ForbiddenAddressError(`must be at most ${longest} characters`);
  if (!URL.canParse(text)) throw new ForbiddenAddressError('must be an absolute URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ForbiddenAddressError('must be an https:// URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ForbiddenAddressError('must not carry a user name or a password: use a header');
  }
  if (url.hash !== '') throw new ForbiddenAddressError('must not have a fragment');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (port < 1024 && port !== 443 && port !== 80) {
    throw new ForbiddenAddressError('must be on port 443, 80, or one from 1024 on');
  }
  const literal = hostOf(url);
  if (isIP(literal) !== 0) checkAddresses(url, [literal], allowed);
  return url;
}

/** The host as a resolver takes it: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * One forbidden address among those of a name forbids the name: which of them a later look answers is not ours to say.
 * Without TLS only within the networks that the operator has named. @throws {ForbiddenAddressError}
 */
export function checkAddresses(
  { protocol, hostname }: Pick<URL, 'protocol' | 'hostname'>,
  addresses: readonly string[],
  allowed: Networks,
): void {
  if (addresses.length === 0) throw new ForbiddenAddressError(`${hostname} has no address`);
  for (const address of addresses) {
    const reach = reachOf(address, allowed);
    if (reach === 'forbidden') {
      throw new ForbiddenAddressError(
        `${hostname} leads to an address that is not public: EVENT_GRID_HANDLER_NETWORKS allows others`,
      );
    }
    if (reach === 'public' && protocol !== 'https:') {
      throw new ForbiddenAddressError('must be an https:// URL: http:// is for allowed networks only');
    }
  }
}
