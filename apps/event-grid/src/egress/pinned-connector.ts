import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector } from 'undici';
import { checkAddresses, ForbiddenAddressError, hostOf } from './handler-address.js';
import type { Networks } from './networks.js';
import type { Resolver } from './resolver.js';

const connectMs = 5_000;

/**
 * Opens connections to handlers. The name is looked up once a connection, every address is checked, and the socket goes to
 * one of those and no other: a name that is bound anew in between (DNS rebinding) leads nowhere. What was connected to is
 * checked once more.
 */
export function pinnedConnector(
  url: URL,
  { resolver, networks }: { resolver: Resolver; networks: Networks },
): buildConnector.connector {
  const find = async (hostname: string): Promise<{ address: string; family: number }[]> => {
    const addresses = await resolver.addressesOf(hostname);
    checkAddresses(url, addresses, networks);
    return addresses.map((address) => ({ address, family: isIP(address) }));
  };
  const lookup: LookupFunction = (hostname, _options, done) => {
    callbackify(find)(hostname, (error, addresses) => done(error, addresses));
  };
  const connect = buildConnector({ lookup, timeout: connectMs, autoSelectFamily: true, noDelay: true });
  return (options, done) => {
    // An address that is written in the URL is never looked up.
    const literal = hostOf(url);
    try {
      if (isIP(literal) !== 0) checkAddresses(url, [literal], networks);
    } catch (error) {
      done(error as Error, null);
      return;
    }
    connect(options, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error !== null) {
        done(error, null);
        return;
      }
      try {
        checkAddresses(url, [socket.remoteAddress ?? ''], networks);
        done(null, socket);
      } catch (wrong) {
        socket.destroy();
        done(new ForbiddenAddressError((wrong as Error).message), null);
      }
    });
  };
}
