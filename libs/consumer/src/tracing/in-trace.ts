import { type EventAttributes } from '@app/contracts';
import { spanContextOf } from '@app/service-defaults';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { ContextLease } from '../ctx-host/consumer.context.js';

type Traced = Pick<EventAttributes, 'id' | 'type' | 'traceparent'>;

const tracer = trace.getTracer('@app/consumer');

/** Does the work within the trace of the events, if they are one. */
export function inTrace<T>(events: readonly Traced[], work: () => Promise<T>): Promise<T> {
  const parent = traceOf(events);
  return parent === ROOT_CONTEXT ? work() : context.with(parent, work);
}

/**
 * A handler call as a span of its own (OpenTelemetry's semantic conventions for messaging), and the active one: what the
 * handler calls carries its trace on. Of one event the trace goes on; several are linked to.
 * @param types the handler's
 */
export async function inHandlerSpan(
  types: string,
  events: readonly Traced[],
  lease: ContextLease,
  work: () => Promise<void>,
): Promise<void> {
  const parent = traceOf(events);
  const span = tracer.startSpan(`process ${types}`, { kind: SpanKind.CONSUMER }, parent);
  if (!span.isRecording()) return parent === ROOT_CONTEXT ? work() : context.with(parent, work);
  describe(span, events, lease);
  try {
    await context.with(trace.setSpan(parent, span), work);
  } catch (error) {
    // The class alone: what a handler says may tell of the customer.
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    span.setAttribute('error.type', kind).setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function traceOf(events: readonly Traced[]): Context {
  const [first, second] = events;
  const remote = first && !second ? spanContextOf(first.traceparent) : undefined;
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

function describe(span: Span, events: readonly Traced[], { consumerGroup, partitionId }: ContextLease): void {
  span.setAttributes({
    'messaging.system': 'eventhubs',
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': consumerGroup,
    'messaging.destination.partition.id': partitionId,
    'messaging.batch.message_count': events.length,
  });
  const [first, second] = events;
  if (!second && first) {
    span.setAttributes({ 'cloudevents.event_id': first.id, 'cloudevents.event_type': first.type });
    return;
  }
  for (const { traceparent } of events) {
    const linked = spanContextOf(traceparent);
    if (linked) span.addLink({ context: linked });
  }
}
