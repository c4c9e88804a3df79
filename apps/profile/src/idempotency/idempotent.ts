import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { IdempotencyInterceptor, keyOf } from './idempotency.interceptor.js';
import type { KeyedRequest } from './keyed-request.js';

/**
 * A route whose clients may retry with an `Idempotency-Key`. Its handler takes `@Keyed()` and passes it to `remember`, in
 * the transaction of the effect.
 */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Makes a retry safe for 24 hours: the same key and body get the same answer again.',
      schema: { type: 'string', minLength: 1, maxLength: 257 },
    }),
  );

/** The key of the request, if its client sent one. */
export const Keyed = createParamDecorator((_: unknown, context: ExecutionContext): KeyedRequest | undefined =>
  keyOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
