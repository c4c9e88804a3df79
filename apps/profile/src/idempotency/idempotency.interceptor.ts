import { callerOf, invalid, Problem } from '@app/service-defaults';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { idempotencyKeyOf } from './header.js';
import { recall } from './idempotency-records.sql.js';
import { keyedRequest, type KeyedRequest } from './keyed-request.js';

const keyedRequests = new WeakMap<FastifyRequest, KeyedRequest>();

/** The key of a request, where its client sent one. */
export const keyOf = (request: FastifyRequest): KeyedRequest | undefined => keyedRequests.get(request);

/**
 * Gives who retries the answer that was given before. The first request is just carried out, and remembers its answer
 * together with its effect; so a retry fails, at whatever it meets first, and only then is the earlier answer looked up.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  /** Keys of requests under way here; another instance's are told by the table's primary key. */
  private readonly running = new Set<string>();

  constructor(private readonly dataSource: DataSource) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    if (header === undefined) return next.handle();
    const { method, url, body } = request;
    const keyed = keyedRequest({
      client: callerOf(request).client,
      key: checkedKey(header),
      method,
      url,
      body: body instanceof Readable ? undefined : body,
    });
    keyedRequests.set(request, keyed);
    return from(this.once(keyed, next, http.getResponse<FastifyReply>()));
  }

  private async once(keyed: KeyedRequest, next: CallHandler, reply: FastifyReply): Promise<unknown> {
    const name = keyed.hash.toString('base64');
    if (this.running.has(name)) throw stillRunning();
    this.running.add(name);
    try {
      return await lastValueFrom(next.handle());
    } catch (error) {
      return await this.earlier(keyed, reply, error);
    } finally {
      this.running.delete(name);
    }
  }

  private async earlier(keyed: KeyedRequest, reply: FastifyReply, error: unknown): Promise<unknown> {
    const found = await recall(this.dataSource.manager, keyed);
    if (!found) throw error;
    if (found.request !== keyed.request) throw keyReused();
    const { status, headers, body } = found.answer;
    void reply.status(status).headers({ ...headers, 'idempotent-replayed': 'true' });
    return body;
  }
}

function checkedKey(header: string | string[]): string {
  const key = typeof header === 'string' ? idempotencyKeyOf(header) : undefined;
  if (key !== undefined) return key;
  throw invalid([
    {
      pointer: '',
      detail: 'Idempotency-Key must be one key of at most 255 characters of ASCII, bare or "quoted"',
    },
  ]);
}

const stillRunning = (): Problem =>
  new Problem(409, 'request-in-progress', 'A request with this Idempotency-Key is still under way.', {
    detail: 'Wait for its answer, or try again in a moment.',
    headers: { 'retry-after': '1' },
  });

const keyReused = (): Problem =>
  new Problem(422, 'idempotency-key-reused', 'This Idempotency-Key belongs to another request.', {
    detail: 'A retry sends the same body; another request takes a key of its own.',
  });
