import { pathSegments } from '../../auth/entity-path.js';
import type { Right } from '../../auth/sas-token.js';
import type { EventHub, Partition } from '../../engine/event-hub.js';
import { parseAddress } from '../addresses.js';
import { argumentError, noPartition, notFound, unauthorized } from '../errors.js';
import { linkOf, types, type Receiver, type Sender } from '../rhea.js';
import { IDEMPOTENT_PRODUCER } from '../producer-marks.js';
import { parseSelector } from '../selector.js';
import { openServiceBusIncoming, openServiceBusOutgoing } from '../service-bus/open-service-bus-link.js';
import { CbsLink } from './cbs-link.js';
import { EventReceiverLink } from './event-receiver-link.js';
import { EventSenderLink } from './event-sender-link.js';
import { IdempotentSenderLink } from './idempotent-sender-link.js';
import { LinkRefused } from './link-refused.js';
import { ManagementLink } from './management-link.js';
import { ReplyLink } from './reply-link.js';
import type { LinkContext, ServerLink } from './server-link.js';

const SELECTOR = 'apache.org:selector-filter:string';
const SELECTOR_DESCRIPTOR = 0x468c00000004;
const RUNTIME_METRICS = 'com.microsoft:enable-receiver-runtime-metric';

/**
 * Opens a link by which the client sends to us.
 * @throws LinkRefused
 */
export function openIncoming(context: LinkContext, link: Receiver): ServerLink {
  const address = addressOf(link.target);
  // The terminus is built anew: echoing a decoded one can break rhea's encoder.
  link.set_target({ address });
  link.set_source({ address: addressOf(link.source) }); // pyamqp takes an attach without one for a refusal
  const ofServiceBus = openServiceBusIncoming(context, link, address);
  if (ofServiceBus !== undefined) return ofServiceBus;
  const target = parseAddress(address);
  if (target?.kind === 'cbs') return new CbsLink(context, link);
  if (target?.kind === 'management') return new ManagementLink(context, link, target.entity);
  if (target?.kind !== 'hub') throw new LinkRefused(notFound(address));
  const needs = claimed(context, 'Send', address);
  const { hub, partition } = find(context, target, address);
  if (desires(link, IDEMPOTENT_PRODUCER)) {
    if (partition === undefined)
      throw new LinkRefused(argumentError('An idempotent producer sends to one partition.'));
    return new IdempotentSenderLink(context, needs, hub, partition, link);
  }
  return new EventSenderLink(context, needs, hub, partition);
}

/**
 * Opens a link by which the client receives from us.
 * @throws LinkRefused
 */
export function openOutgoing(context: LinkContext, link: Sender): ServerLink {
  const address = addressOf(link.source);
  const source = parseAddress(address);
  const selector = selectorOf(link);
  const filter = selector && { [SELECTOR]: types.wrap_described(selector, SELECTOR_DESCRIPTOR) };
  link.set_source({ address, ...(filter && { filter: filter as never }) });
  link.set_target({ address: addressOf(link.target) });
  const ofServiceBus = openServiceBusOutgoing(context, link, address);
  if (ofServiceBus !== undefined) return ofServiceBus;
  if (source?.kind === 'cbs' || source?.kind === 'management') return new ReplyLink(context.writerFor(link));
  if (source?.kind !== 'group') throw new LinkRefused(notFound(address));
  const needs = claimed(context, 'Listen', address);
  const { hub, partition } = find(context, source, address);
  const readers = partition && hub.readers(source.group, partition);
  if (partition === undefined || readers === undefined) throw new LinkRefused(notFound(address));
  const epoch = numberIn(link.properties?.['com.microsoft:epoch']);
  const start = startOf(selector, partition);
  const reader = new EventReceiverLink(context, link, needs, {
    name: String(link.properties?.['com.microsoft:receiver-name'] ?? link.name),
    epoch,
    partition,
    start,
    runtimeMetrics: desires(link, RUNTIME_METRICS),
    left: (leaving) => readers.remove(leaving),
  });
  const admission = readers.admit(reader);
  if (!admission.ok) {
    reader.dispose();
    throw new LinkRefused(admission);
  }
  if (desires(link, RUNTIME_METRICS)) linkOf(link).local.attach.offered_capabilities = [RUNTIME_METRICS];
  return reader;
}

/** A client may have sent anything, or nothing, as a terminus. */
export function addressOf(terminus: { address?: unknown } | null | undefined): string {
  const address = terminus?.address;
  return typeof address === 'string' ? address : '';
}

function find(
  context: LinkContext,
  wanted: { hub: string; partition: string | undefined },
  address: string,
): { hub: EventHub; partition: Partition | undefined } {
  const hub = context.engine.hub(wanted.hub);
  if (hub === undefined) throw new LinkRefused(notFound(address));
  const partition = wanted.partition === undefined ? undefined : hub.partition(wanted.partition);
  if (wanted.partition !== undefined && partition === undefined)
    throw new LinkRefused(noPartition(hub.partitions.length));
  return { hub, partition };
}

/** @throws LinkRefused a position behind the end of the partition: waiting for it would be waiting in vain */
function startOf(selector: string | undefined, { log }: Partition): Promise<number> {
  const start = selector === undefined ? ({ kind: 'earliest' } as const) : parseSelector(selector);
  if (start === undefined) {
    throw new LinkRefused(
      argumentError(`The filter '${selector}' is not a valid amqp filter for EventHub entities.`),
    );
  }
  const { next, last } = log.state;
  if (start.kind === 'offset' && start.value > next.offset) {
    const end = last?.offset ?? -1;
    const what = `The supplied offset '${start.value}' is invalid. The last offset in the system is '${end}'.`;
    throw new LinkRefused(argumentError(what));
  }
  if (start.kind === 'sequenceNumber' && start.value > next.sequenceNumber) {
    const end = last?.sequenceNumber ?? -1;
    const what = `The supplied sequence number '${start.value}' is invalid. The last sequence number in the system is '${end}'.`;
    throw new LinkRefused(argumentError(what));
  }
  return log.locate(start);
}

/** @throws LinkRefused none of the client's tokens allows it */
function claimed(context: LinkContext, right: Right, address: string) {
  if (context.claims.allows(right, address, Date.now())) return { right, address };
  throw new LinkRefused(unauthorized(`'${right}' claim required for '${pathSegments(address).join('/')}'.`));
}

function selectorOf(link: Sender): string | undefined {
  const filter = link.source?.filter as unknown as Record<string, unknown> | undefined;
  const value = filter?.[SELECTOR];
  if (value === undefined || value === null) return undefined;
  return String(typeof value === 'object' && 'value' in value ? value.value : value);
}

function desires(link: Sender | Receiver, capability: string): boolean {
  const desired = link.desired_capabilities as string | string[] | null | undefined;
  return [desired].flat().includes(capability);
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
