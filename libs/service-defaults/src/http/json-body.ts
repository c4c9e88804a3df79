import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { foreignCharset } from './charset.js';
import { duplicateMember } from './duplicate-members.js';
import { namesOfObjects } from './names-of-objects.js';
import { nestingOf } from './nesting.js';
import { invalid, Problem } from './problem.js';

const deepestNesting = 32;

const notValid = (detail: string): Problem =>
  new Problem(400, 'invalid-request', 'The request is not valid.', { detail });

/** RFC 9110 §15.5.16: the answer names the encodings that would do. */
const encodingNotTaken = (): Problem =>
  new Problem(415, 'unsupported-content-encoding', 'This content encoding is not accepted here.', {
    detail: 'Send the JSON as it is, without a Content-Encoding.',
    headers: { 'accept-encoding': 'identity' },
  });

const isEncoded = ({ headers }: FastifyRequest): boolean =>
  (headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity';

/**
 * JSON, merge patches (RFC 7396) and the types of `more`, nothing else: another content type is 415. What one reader takes and another does not
 * is refused: bytes that are not UTF-8, nesting that no document of ours has, a member named twice, and strings that
 * PostgreSQL cannot keep.
 */
export function acceptJsonBodies(fastify: FastifyInstance, more: readonly string[] = []): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json', ...more],
    { parseAs: 'buffer' },
    (request, body, done) => {
      const foreign = foreignCharset(request);
      const text = isUtf8(body as Buffer) ? body.toString('utf8') : undefined;
      if (isEncoded(request)) done(encodingNotTaken());
      else if (foreign) done(foreign);
      else if (text === undefined) done(notValid('The body is not UTF-8.'));
      else if (nestingOf(text) > deepestNesting)
        done(notValid(`The body is nested over ${deepestNesting} deep.`));
      else
        void parse(request, text, (error, value) => {
          if (error) done(error, undefined);
          else done(flawOf(text, value) ?? null, value);
        });
    },
  );
}

function flawOf(text: string, value: unknown): Problem | undefined {
  const twice = duplicateMember(text);
  if (twice !== undefined) return invalid([{ pointer: twice, detail: 'must be there once' }]);
  const wrong = namesOfObjects.find((name) => isObject(value) && Object.hasOwn(value, name));
  if (wrong !== undefined)
    return invalid([{ pointer: `/${wrong}`, detail: 'is no member of this document' }]);
  // Valid UTF-8 has no half of a surrogate pair, and JSON no control character: both come escaped only.
  if (text.includes(String.raw`\u`) && !isPlain(value)) {
    return notValid('A string has a NUL or half of a surrogate pair, which no text has.');
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && !/\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => isPlain(name) && isPlain(member));
}
