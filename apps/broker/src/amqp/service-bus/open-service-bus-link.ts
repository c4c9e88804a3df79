import { pathSegments } from '../../auth/entity-path.js';
import type { Right } from '../../auth/sas-token.js';
import type { MessageQueue } from '../../service-bus/message-queue.js';
import type { Bus } from '../../service-bus/bus.js';
import { notFound, unauthorized } from '../errors.js';
import { LinkRefused } from '../links/link-refused.js';
import { ReplyLink } from '../links/reply-link.js';
import type { LinkContext, ServerLink } from '../links/server-link.js';
import { linkOf, type Receiver, type Sender } from '../rhea.js';
import type { Target } from './management.js';
import { QueueReceiverLink } from './queue-receiver-link.js';
import { QueueSenderLink } from './queue-sender-link.js';
import { keyOf, SESSION_FILTER, SessionReceiverLink } from './session-receiver-link.js';
import { ServiceBusManagementLink } from './service-bus-management-link.js';

const SETTLED = 1;

/** What an address names in Service Bus. */
interface Named {
  readonly bus: Bus;
  /** Without `$management`. */
  readonly path: readonly string[];
  readonly isManagement: boolean;
}

/** Undefined where the first segment is no queue and no topic: the address is somebody else's. */
function namedBy({ engine: { serviceBus: bus } }: LinkContext, address: string): Named | undefined {
  const segments = pathSegments(address.replace(/^amqps?:\/\/[^/]*/i, ''));
  if (segments[0] === undefined || !bus.entities.destinations.has(segments[0])) return undefined;
  const isManagement = segments.at(-1) === '$management';
  return { bus, path: isManagement ? segments.slice(0, -1) : segments, isManagement };
}

/**
 * Opens a link by which the client sends to Service Bus; undefined for an address that is not of it.
 * @throws LinkRefused
 */
export function openServiceBusIncoming(
  context: LinkContext,
  link: Receiver,
  address: string,
): ServerLink | undefined {
  const named = namedBy(context, address);
  if (named === undefined) return undefined;
  const { bus, path, isManagement } = named;
  const destination = path.length === 1 ? bus.entities.destinations.get(path[0] as string) : undefined;
  if (isManagement) {
    const queue = bus.entities.queue(path);
    if (queue === undefined && destination === undefined) throw new LinkRefused(notFound(address));
    const target: Target = {
      bus,
      queue,
      destination,
      heldBy: (id) => queue && context.sessions.get(keyOf(queue, id)),
    };
    return new ServiceBusManagementLink(context, link, address, target);
  }
  if (destination === undefined) throw new LinkRefused(notFound(address));
  const needs = claimed(context, 'Send', address);
  linkOf(link).local.attach.max_message_size = context.limits.maxQueueMessageBytes;
  return new QueueSenderLink(context, needs, bus, destination);
}

/** The same for a link by which the client receives. @throws LinkRefused */
export function openServiceBusOutgoing(
  context: LinkContext,
  link: Sender,
  address: string,
): ServerLink | undefined {
  const named = namedBy(context, address);
  if (named === undefined) return undefined;
  const { bus, path, isManagement } = named;
  if (isManagement) return new ReplyLink(context.writerFor(link));
  const queue = bus.entities.queue(path);
  if (queue === undefined) throw new LinkRefused(notFound(address));
  const needs = claimed(context, 'Listen', address);
  return openReceiver(context, link, needs, bus, queue, address);
}

function openReceiver(
  context: LinkContext,
  link: Sender,
  needs: ServerLink['needs'] & object,
  bus: Bus,
  queue: MessageQueue,
  address: string,
): ServerLink {
  const mode = link.snd_settle_mode === SETTLED ? 'receiveAndDelete' : 'peekLock';
  const { attach } = linkOf(link).local;
  attach.snd_settle_mode = mode === 'receiveAndDelete' ? 1 : 0;
  attach.rcv_settle_mode = link.rcv_settle_mode === 1 ? 1 : 0;
  // Python's client says `null` where it has no filter.
  const filter = (link.source?.filter ?? {}) as unknown as Record<string, unknown>;
  const wantsSession = SESSION_FILTER in filter;
  if (queue.settings.requiresSession !== wantsSession) {
    const what = queue.settings.requiresSession
      ? `'${queue.id}' requires sessions: it is received from by session`
      : `'${queue.id}' has no sessions`;
    throw new LinkRefused({ condition: 'amqp:not-allowed', description: what });
  }
  if (wantsSession) {
    const sessionId = textOf(filter[SESSION_FILTER]);
    return new SessionReceiverLink(context, link, needs, { bus, queue, mode, address, sessionId });
  }
  return new QueueReceiverLink(context, link, needs, { bus, queue, mode, held: undefined });
}

/** A filter may be described, or its value alone; null is any session. */
function textOf(filter: unknown): string | undefined {
  const value: unknown =
    typeof filter === 'object' && filter !== null && 'value' in filter ? filter.value : filter;
  return typeof value === 'string' ? value : undefined;
}

/** @throws LinkRefused none of the client's tokens allows it */
function claimed(context: LinkContext, right: Right, address: string) {
  if (context.claims.allows(right, address, Date.now())) return { right, address };
  throw new LinkRefused(unauthorized(`'${right}' claim required for '${pathSegments(address).join('/')}'.`));
}
