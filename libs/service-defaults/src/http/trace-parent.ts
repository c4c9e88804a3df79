import { randomBytes } from 'node:crypto';

const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The caller's W3C trace context (`traceparent`, version 00) where it is well-formed, else the root of a new trace. */
export function traceParentOf(header: string | undefined): string {
  if (header !== undefined && valid.test(header)) return header;
  const ids = randomBytes(24).toString('hex');
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-01`;
}
