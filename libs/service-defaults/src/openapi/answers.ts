import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiHeader, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

/** The member of an operation that lists its problems, until the document is finished. */
export const problemsExtension = 'x-problems';

const headers = {
  etag: 'The version, quoted: what If-Match and If-None-Match take.',
  location: 'Where to find what was made.',
  'event-id': 'The ids of the events of this write, in order; absent where nothing changed.',
  'idempotent-replayed': 'That this is the answer to an earlier request with the same Idempotency-Key.',
} as const;
export type AnswerHeader = keyof typeof headers;

/** A page of a list, as every service answers one. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    items: z.array(item),
    nextCursor: z.string().optional().describe('There while there is more.'),
  });

/** The first of a schema's own examples, for readers of the document. */
function exampleOf(schema: z.ZodType | undefined): { example?: unknown } {
  const [example] = (schema?.meta()?.['examples'] ?? []) as unknown[];
  return example === undefined ? {} : { example };
}

/** What a route answers when all is well. */
export const Answers = (
  status: number,
  description: string,
  schema?: z.ZodType,
  sent: readonly AnswerHeader[] = [],
): MethodDecorator =>
  ApiResponse({
    status,
    description,
    ...(schema ? { standardSchema: schema } : {}),
    ...exampleOf(schema),
    headers: Object.fromEntries(
      sent.map((name) => [name, { description: headers[name], schema: { type: 'string' } }]),
    ),
  });

/** The problems of a route beyond those that follow from its parameters, its body and its scopes. */
export const Problems = (...statuses: number[]): MethodDecorator =>
  ApiExtension(problemsExtension, statuses) as MethodDecorator;

/** A write to what exists: the state that it was made from is named. */
export const IfMatch = ({ required }: { required: boolean }): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required,
      description: 'The ETag that was read; * overwrites on purpose.',
      schema: { type: 'string' },
      example: '"3"',
    }),
  );

/** A read that is spared whoever has it already. */
export const IfNoneMatch = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'An ETag that was read before.',
      schema: { type: 'string' },
      example: '"3"',
    }),
    Answers(304, 'It has not changed.', undefined, ['etag']),
  );
