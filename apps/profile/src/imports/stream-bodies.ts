import { isOfOtherCharset, Problem } from '@app/service-defaults';
import type { FastifyInstance } from 'fastify';
import { importContentTypes } from './imports.controller.js';

/** Hands the body of an import over as a stream, unread; these content types are 415 everywhere else. */
export function acceptImportBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(importContentTypes, (request, payload, done) => {
    const title = 'This content type is not accepted here.';
    if (request.routeOptions.url !== '/v1/imports') done(new Problem(415, 'unsupported-media-type', title));
    else if (isOfOtherCharset(request))
      done(
        new Problem(415, 'unsupported-media-type', title, {
          detail: 'Send UTF-8, and say no other charset.',
        }),
      );
    else done(null, payload);
  });
}
