import type { OpenAPIObject } from '@nestjs/swagger';
import { type Access, accessExtension } from '../auth/scopes.js';
import { problemTitles } from '../http/problem.filter.js';
import { problemsExtension } from './answers.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  [accessExtension]?: Access;
  [problemsExtension]?: number[];
};

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

const titles: Record<number, string> = {
  ...Object.fromEntries(Object.entries(problemTitles).map(([status, [, title]]) => [status, title])),
  308: 'It has moved for good: Location says where.',
  409: 'It does not go together with what is there.',
  410: 'It is gone for good.',
  412: 'It has changed since it was read.',
  422: 'It cannot be done.',
  428: 'If-Match is required.',
};

const kinds: Record<number, string> = {
  ...Object.fromEntries(Object.entries(problemTitles).map(([status, [kind]]) => [status, kind])),
  308: 'customer-merged',
  410: 'customer-erased',
  412: 'version-mismatch',
  422: 'idempotency-key-reused',
  428: 'precondition-required',
};

const retryAfter = { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } };

/** RFC 9457, as every error of ours is. */
const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string', description: 'Names the kind of problem, for good.' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 300, maximum: 599 },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        additionalProperties: false,
        properties: {
          pointer: {
            type: 'string',
            description: 'A JSON pointer (RFC 6901) into the body or the parameters.',
          },
          detail: { type: 'string' },
        },
      },
    },
  },
} as const;

/**
 * Adds to each operation what follows from the rest of it: who may call it, and the problems that come of its parameters,
 * its body and its scopes.
 */
export function finishDocument(document: OpenAPIObject): OpenAPIObject {
  const used = new Set<number>();
  for (const path of Object.values(document.paths)) {
    for (const method of methods) {
      const operation: Operation | undefined = path[method];
      if (!operation) continue;
      for (const status of problemsOf(operation)) {
        operation.responses[status] ??= { $ref: `#/components/responses/Problem${status}` };
        used.add(status);
      }
      const access = operation[accessExtension] ?? [];
      operation.security = access === 'public' ? [] : [{ bearer: [...access] }];
      delete operation[accessExtension];
      delete operation[problemsExtension];
    }
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: structuredClone(problemSchema) as never },
    responses: Object.fromEntries(
      [...used].toSorted((a, b) => a - b).map((status) => [`Problem${status}`, answerOf(status)]),
    ),
  };
  return document;
}

function problemsOf(operation: Operation): number[] {
  const parameters = (operation.parameters ?? []) as { name: string; in: string; required?: boolean }[];
  const has = (place: string, name?: string): boolean =>
    parameters.some((one) => one.in === place && (name === undefined || one.name === name));
  const guarded = operation[accessExtension] !== 'public';
  return [
    ...(operation[problemsExtension] ?? []),
    400, // at least of a parameter that the route does not have
    ...(guarded ? [401, 403] : []),
    ...(has('path') ? [404] : []),
    ...(has('header', 'If-Match') ? [412] : []),
    ...(parameters.some((one) => one.name === 'If-Match' && one.required) ? [428] : []),
    ...(has('header', 'Idempotency-Key') ? [409, 422] : []),
    ...(operation.requestBody ? [413, 415] : []),
    429,
    503,
  ];
}

function answerOf(status: number) {
  const waits = status === 429 || status === 503;
  return {
    description: titles[status] ?? 'A problem.',
    ...(waits ? { headers: { 'retry-after': retryAfter } } : {}),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: {
          type: `/problems/${kinds[status] ?? 'conflict'}`,
          title: titles[status] ?? 'A problem.',
          status,
        },
      },
    },
  };
}
