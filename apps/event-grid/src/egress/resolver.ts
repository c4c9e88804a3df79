import { lookup } from 'node:dns/promises';

/** All addresses of a name, IPv4 and IPv6; injected, so that tests never look one up. */
export abstract class Resolver {
  abstract addressesOf(hostname: string): Promise<string[]>;
}

/** The system's, /etc/hosts included. */
export class SystemResolver extends Resolver {
  async addressesOf(hostname: string): Promise<string[]> {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  }
}
