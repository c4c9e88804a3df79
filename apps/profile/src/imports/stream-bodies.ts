import { foreignCharset, Problem } from '@app/service-defaults';
import type { FastifyInstance } from 'fastify';
import { importContentTypes } from './imports.controller.js';

/** Hands the body of an import over as a stream, unread; these content types are 415 everywhere else. */
export function acceptImportBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(importContentTypes, (request, payload, done) => {
    const elsewhere = request.routeOptions.url !== '/v1/imports';
    const refusal = elsewhere ? notTaken() : foreignCharset(request);
    if (refusal) done(refusal);
    else done(null, payload);
  });
}

const notTaken = (): Problem =>
  new Problem(415, 'unsupported-media-type', 'This content type is not accepted here.');
