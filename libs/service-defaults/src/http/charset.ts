import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i;
/** ASCII is a part of it. */
const utf8 = new Set(['utf-8', 'utf8', 'us-ascii']);

/** What to answer to a body that says that it is in another charset than UTF-8: its letters would be taken for others. */
export function foreignCharset({ headers }: FastifyRequest): Problem | undefined {
  const said = charset.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase();
  if (said === undefined || utf8.has(said)) return undefined;
  return new Problem(415, 'unsupported-media-type', 'This content type is not accepted here.', {
    detail: 'Send UTF-8, and say no other charset.',
  });
}
