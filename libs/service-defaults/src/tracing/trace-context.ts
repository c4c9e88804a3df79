import {
  type Context,
  createTraceState,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';

/** W3C Trace Context §3.2, version 00. */
const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** What a `traceparent` names, made elsewhere; undefined where it is not well-formed. */
export function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = form.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** The `traceparent` that names a span. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/**
 * Takes the trace context from headers and puts it there. The SDK's own does the same and is loaded with the SDK only:
 * 11 MB a process that a service without an exporter does not pay.
 */
export class TraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    setter.set(carrier, 'traceparent', traceparentOf(span));
    if (span.traceState) setter.set(carrier, 'tracestate', span.traceState.serialize());
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const span = spanContextOf(oneOf(getter.get(carrier, 'traceparent')));
    if (!span) return context;
    const state = oneOf(getter.get(carrier, 'tracestate'));
    return trace.setSpanContext(
      context,
      state === undefined ? span : { ...span, traceState: createTraceState(state) },
    );
  }

  fields(): string[] {
    return ['traceparent', 'tracestate'];
  }
}

/** Two of them contradict each other. */
const oneOf = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
