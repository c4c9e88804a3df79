import { context, propagation } from '@opentelemetry/api';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** A request of fetch as undici publishes it before it is sent (Node's and undici's documentation, DiagnosticsChannel). */
interface UndiciRequest {
  headers: string | readonly string[];
  addHeader(name: string, value: string): void;
}

const channel = 'undici:request:create';

/** Every `fetch` within a trace carries it, ours and the handlers', unless it has a `traceparent` of its own. */
export function traceFetches(): () => void {
  subscribe(channel, carry);
  return () => unsubscribe(channel, carry);
}

function carry(message: unknown): void {
  const { request } = message as { request: UndiciRequest };
  if (hasTraceparent(request.headers)) return;
  propagation.inject(context.active(), request, {
    set: (carrier, name, value) => carrier.addHeader(name, value),
  });
}

/** Names and values in turn, or the lines of the header. */
function hasTraceparent(headers: UndiciRequest['headers']): boolean {
  if (typeof headers === 'string') return /^traceparent:/im.test(headers);
  return headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'traceparent');
}
