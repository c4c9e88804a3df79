import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Addresses besides the public ones that handlers may have. */
export type Networks = readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

/** CIDR blocks, comma-separated; `loopback` is short for this machine. */
export const networks = z.string().transform((text, context): Networks => {
  const names = text.split(',').map((name) => name.trim());
  return names
    .flatMap((name) => (name === 'loopback' ? ['127.0.0.0/8', '::1/128'] : name === '' ? [] : [name]))
    .flatMap((block): Networks => {
      if (ipaddr.isValidCIDR(block)) return [ipaddr.parseCIDR(block)];
      context.addIssue({ code: 'custom', message: `"${block}" is neither loopback nor a CIDR block` });
      return [];
    });
});

/** What an address is to a sender of webhooks. */
export type Reach = 'public' | 'allowed' | 'forbidden';

/**
 * Public are globally routable unicast addresses, nothing else: whatever is special by IANA's registries is not, tunnels
 * and translations that carry another address within included (`::ffff:`, `64:ff9b::`, `2002::`, Teredo).
 */
export function reachOf(address: string, allowed: Networks): Reach {
  if (!ipaddr.isValid(address)) return 'forbidden';
  const parsed = ipaddr.process(address);
  const isAllowed = allowed.some(
    ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
  );
  if (isAllowed) return 'allowed';
  return parsed.range() === 'unicast' && isAssigned(parsed) ? 'public' : 'forbidden';
}

/** RFC 4291 §2.4, IANA's registry: of IPv6 2000::/3 alone is given out, whatever else may come to mean something. */
function isAssigned(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.kind() === 'ipv4' || address.match(globalUnicast, 3);
}

const globalUnicast = ipaddr.IPv6.parse('2000::');
