/** What an AMQP address names. Segments other than names are compared whatever their case. */
export type Address =
  | { readonly kind: 'cbs' }
  /** Of an entity, or of what each request names. */
  | { readonly kind: 'management'; readonly entity?: string }
  | { readonly kind: 'hub'; readonly hub: string; readonly partition: string | undefined }
  | { readonly kind: 'group'; readonly hub: string; readonly group: string; readonly partition: string };

/** Understands `$cbs`, `$management`, `hub`, `hub/Partitions/n`, `hub/ConsumerGroups/g/Partitions/n`, as path or URI. */
export function parseAddress(text: string): Address | undefined {
  const segments = text
    .replace(/^amqps?:\/\/[^/]*/i, '')
    .split('/')
    .filter((segment) => segment !== '');
  const [hub, second, third, fourth, fifth] = segments;
  const keyword = (segment: string | undefined) => segment?.toLowerCase();
  if (hub === undefined) return undefined;
  if (segments.length === 1) {
    if (keyword(hub) === '$cbs') return { kind: 'cbs' };
    if (keyword(hub) === '$management') return { kind: 'management' };
    return { kind: 'hub', hub, partition: undefined };
  }
  if (segments.length === 2 && keyword(second) === '$management') return { kind: 'management', entity: hub };
  if (segments.length === 3 && keyword(second) === 'partitions')
    return { kind: 'hub', hub, partition: third };
  const isGroup =
    segments.length === 5 && keyword(second) === 'consumergroups' && keyword(fourth) === 'partitions';
  if (!isGroup || third === undefined || fifth === undefined) return undefined;
  return { kind: 'group', hub, group: third, partition: fifth };
}
