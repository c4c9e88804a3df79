import { spanContextOf } from '@app/service-defaults';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('@app/service-bus');

/** A handler call as a span of its own, in the trace that the command's `traceparent` names. */
export async function inHandlerSpan(
  { subject, messageId, applicationProperties }: ServiceBusReceivedMessage,
  queue: string,
  work: () => Promise<void>,
): Promise<void> {
  const traceparent = applicationProperties?.['traceparent'];
  const remote = spanContextOf(typeof traceparent === 'string' ? traceparent : undefined);
  const parent = remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
  const span = tracer.startSpan(`process ${subject}`, { kind: SpanKind.CONSUMER }, parent);
  span.setAttributes({
    'messaging.system': 'servicebus',
    'messaging.operation.type': 'process',
    'messaging.destination.name': queue,
    'messaging.message.id': String(messageId),
  });
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
