/**
 * The path of an entity URI or an AMQP address, lower case, in segments: scheme, host and port play no part
 * in authorisation. `sb://host:5672/Hub/ConsumerGroups/g` and `hub/consumergroups/g` give the same.
 */
export function pathSegments(uriOrAddress: string): string[] {
  const path = uriOrAddress.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
  return path
    .toLowerCase()
    .split('/')
    .filter((segment) => segment !== '');
}

/** Whether a grant for one path covers another: by whole segments, so that `hub1` never covers `hub10`. */
export function covers(granted: readonly string[], wanted: readonly string[]): boolean {
  return granted.length <= wanted.length && granted.every((segment, i) => segment === wanted[i]);
}
