import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { nestingOf } from './nesting.js';
import { Problem } from './problem.js';

const deepestNesting = 32;

const notValid = (detail: string): Problem =>
  new Problem(400, 'invalid-request', 'The request is not valid.', { detail });

/**
 * JSON and merge patches (RFC 7396), nothing else: another content type is 415. Bytes that are not UTF-8, and nesting that
 * no document of ours has, are 400 before anything is parsed.
 */
export function acceptJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (request, body, done) => {
      const text = isUtf8(body as Buffer) ? body.toString('utf8') : undefined;
      if (text === undefined) done(notValid('The body is not UTF-8.'));
      else if (nestingOf(text) > deepestNesting)
        done(notValid(`The body is nested over ${deepestNesting} deep.`));
      else void parse(request, text, done);
    },
  );
}
