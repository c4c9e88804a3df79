import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.js';

/** JSON and merge patches (RFC 7396), nothing else: another content type is 415, bytes that are not UTF-8 are 400. */
export function acceptJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (request, body, done) => {
      if (!isUtf8(body as Buffer)) {
        done(
          new Problem(400, 'invalid-request', 'The request is not valid.', {
            detail: 'The body is not UTF-8.',
          }),
        );
        return;
      }
      void parse(request, body.toString('utf8'), done);
    },
  );
}
