import type { EventHub, Partition } from '../../engine/event-hub.js';
import { verifySasToken } from '../../auth/sas-token.js';
import { noPartition, notFound, unauthorized, type argumentError } from '../errors.js';
import { types, type Receiver } from '../rhea.js';
import { answer, takeRequest, textOf, type Answer, type Request } from './request-response.js';
import type { Delivery, LinkContext, ServerLink } from './server-link.js';

/** .NET's earliest time, what Azure answers for a partition that nothing was sent to. */
const NEVER_MS = -62_135_596_800_000;

/** `$management`: what a hub and a partition look like now. */
export class ManagementLink implements ServerLink {
  readonly isRequest = true;

  constructor(
    private readonly context: LinkContext,
    private readonly link: Receiver,
    /** What the link's address names, if anything. */
    private readonly entity: string | undefined,
  ) {}

  received(message: Buffer, _format: number, delivery: Delivery): void {
    const request = takeRequest(message, delivery);
    if (request !== undefined) answer(this.context, this.link, request, this.read(request));
  }

  dispose(): void {
    // Nothing is held for this link.
  }

  private read({ properties }: Request): Answer {
    const { operation, type, name, partition } = properties;
    if (operation !== 'READ' || typeof name !== 'string') {
      // Service Bus is asked otherwise, and at the entity's own address.
      const { entity } = this;
      const isThere = entity === undefined || this.context.engine.hub(entity) !== undefined;
      if (!isThere && this.mayLookAt(entity, undefined)) return refused(404, notFound(entity));
      return { status: 400, description: 'READ of a name is understood', condition: 'amqp:not-allowed' };
    }
    if (!this.mayLookAt(name, properties['security_token'])) {
      return refused(401, unauthorized(`No token for '${name}/$management'.`));
    }
    const hub = this.context.engine.hub(name);
    if (hub === undefined) return refused(404, notFound(name));
    if (type === 'com.microsoft:eventhub') return found(describeHub(hub));
    if (type !== 'com.microsoft:partition') {
      return { status: 400, description: `no type '${textOf(type)}'`, condition: 'amqp:not-allowed' };
    }
    const wanted = hub.partition(textOf(partition));
    if (wanted === undefined) return refused(400, noPartition(hub.partitions.length));
    return found(describePartition(hub, wanted));
  }

  /**
   * A sender looks up the partitions too: the buffered producer cannot do without, so any right will do. The Java
   * client puts no token for this link, but sends one with each request.
   */
  private mayLookAt(hub: string, token: unknown): boolean {
    const { claims, keys } = this.context;
    const address = `${hub}/$management`;
    if (claims.allows('any', address, Date.now())) return true;
    return typeof token === 'string' && verifySasToken(token, address, keys, Date.now()).ok;
  }
}

const found = (body: Record<string, unknown>): Answer => ({ status: 200, description: 'OK', body });

const refused = (status: number, { condition, description }: ReturnType<typeof argumentError>): Answer => ({
  status,
  description,
  condition,
});

const STR8 = 0xa1;

function describeHub(hub: EventHub): Record<string, unknown> {
  return {
    name: types.wrap_string(hub.name),
    type: types.wrap_string('com.microsoft:eventhub'),
    created_at: types.wrap_timestamp(hub.created),
    partition_count: types.wrap_int(hub.partitions.length),
    partition_ids: types.wrap_array(
      hub.partitions.map(({ id }) => id),
      STR8,
      undefined,
    ),
    georeplication_factor: types.wrap_int(1),
  };
}

function describePartition(hub: EventHub, { id, log }: Partition): Record<string, unknown> {
  const { begin, next, last } = log.state;
  return {
    name: types.wrap_string(hub.name),
    type: types.wrap_string('com.microsoft:partition'),
    partition: types.wrap_string(id),
    begin_sequence_number: types.wrap_long(last === undefined ? -1 : begin.sequenceNumber),
    last_enqueued_sequence_number: types.wrap_long(last?.sequenceNumber ?? -1),
    last_enqueued_offset: types.wrap_string(String(last?.offset ?? -1)),
    last_enqueued_time_utc: types.wrap_timestamp(last?.enqueuedTime ?? NEVER_MS),
    is_partition_empty: types.wrap_boolean(begin.offset === next.offset),
  };
}
