import { Problem, type ProblemMember } from '@app/service-defaults';
import type { SubscriptionProperties } from '../domain/subscription.js';
import { SubscriptionFilter } from '../domain/subscription-filter.js';
import { checkAddresses, ForbiddenAddressError, handlerAddress, hostOf } from '../egress/handler-address.js';
import type { Networks } from '../egress/networks.js';
import type { Resolver } from '../egress/resolver.js';

const endpoint = '/destination/properties/endpointUrl';
const mappings = '/destination/properties/deliveryAttributeMappings';

/** What a request is made of is the sender's to say. */
const ownHeaders =
  /^(?:host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|content-.*|accept-encoding|expect|proxy-.*|traceparent|tracestate|webhook-.*|aeg-.*|ce-.*)$/i;
/** RFC 9110 §5.1 and §5.5: a token, and visible characters with blanks within. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

/** What is well-formed and may not be. @throws a 422 problem that names each place */
export async function checkProperties(
  properties: SubscriptionProperties,
  { resolver, networks }: { resolver: Resolver; networks: Networks },
): Promise<void> {
  const errors = flawsOf(properties, networks);
  if (errors.every(({ pointer }) => pointer !== endpoint)) {
    errors.unshift(...(await wrongName(properties, resolver, networks)));
  }
  if (errors.length > 0) throw new Problem(422, 'subscription-refused', 'It cannot be done.', { errors });
}

/** What may not be whatever a name server says, place by place. */
export function flawsOf(properties: SubscriptionProperties, networks: Networks): ProblemMember[] {
  return [
    ...forbidden(() => void handlerAddress(properties.endpointUrl, networks)),
    ...wrongHeaders(properties),
    ...wrongPersonal(properties),
  ];
}

async function wrongName(
  { endpointUrl }: SubscriptionProperties,
  resolver: Resolver,
  networks: Networks,
): Promise<ProblemMember[]> {
  const url = new URL(endpointUrl);
  const addresses = await addressesOf(url, resolver);
  if (!addresses) return [{ pointer: endpoint, detail: `${url.hostname} cannot be resolved` }];
  return forbidden(() => checkAddresses(url, addresses, networks));
}

function forbidden(check: () => void): ProblemMember[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ForbiddenAddressError)) throw error;
    return [{ pointer: endpoint, detail: error.message }];
  }
}

async function addressesOf(url: URL, resolver: Resolver): Promise<string[] | undefined> {
  try {
    return await resolver.addressesOf(hostOf(url));
  } catch {
    // No such name, or no name server: either way nothing could be called now.
    return undefined;
  }
}

function wrongHeaders({ headers }: SubscriptionProperties): ProblemMember[] {
  const seen = new Set<string>();
  return headers.flatMap(({ name, value }, index) => {
    const isTwice = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    const at = `${mappings}/${index}`;
    if (!headerName.test(name)) return [{ pointer: `${at}/name`, detail: 'is no name of a header' }];
    if (isTwice) return [{ pointer: `${at}/name`, detail: 'must be there once' }];
    if (ownHeaders.test(name)) return [{ pointer: `${at}/name`, detail: 'is set by the sender itself' }];
    if (headerValue.test(value)) return [];
    const detail = 'must be visible ASCII characters, without line breaks';
    return [{ pointer: `${at}/properties/value`, detail }];
  });
}

function wrongPersonal({ filter, personalData }: SubscriptionProperties): ProblemMember[] {
  if (personalData === 'opened' || !new SubscriptionFilter(filter).needsOpened) return [];
  const detail = `a key below data.personal needs personalData "opened": what is ${personalData} cannot be looked into`;
  return [{ pointer: '/filter/advancedFilters', detail }];
}
