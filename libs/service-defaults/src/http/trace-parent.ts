import { isSpanContextValid, trace } from '@opentelemetry/api';
import { randomBytes } from 'node:crypto';
import { spanContextOf, traceparentOf } from '../tracing/trace-context.js';

/**
 * The W3C trace context (`traceparent`, version 00) that what a request causes belongs to: the request's own span, else
 * its caller's where the header is well-formed, else the root of a new trace.
 */
export function traceParentOf(header: string | undefined): string {
  const active = trace.getActiveSpan()?.spanContext();
  if (active && isSpanContextValid(active)) return traceparentOf(active);
  if (header !== undefined && spanContextOf(header)) return header;
  const ids = randomBytes(24).toString('hex');
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-01`;
}
