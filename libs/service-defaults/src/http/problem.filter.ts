import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { loggable } from '../logging/loggable.js';
import { Problem, type ProblemDocument } from './problem.js';
import { allowedMethods } from './routes.js';
import { isUnavailable } from './unavailable.js';

/** The kind and the title of a problem that has no more to say than its status. */
export const problemTitles: Record<number, [kind: string, title: string]> = {
  400: ['invalid-request', 'The request is not valid.'],
  401: ['unauthorized', 'A valid bearer token is required.'],
  403: ['forbidden', 'The token does not allow this.'],
  404: ['not-found', 'There is nothing at this address.'],
  405: ['method-not-allowed', 'This method is not allowed here.'],
  408: ['request-timeout', 'The request took too long to arrive.'],
  413: ['content-too-large', 'The request body is too large.'],
  415: ['unsupported-media-type', 'This content type is not accepted here.'],
  429: ['too-many-requests', 'Too many requests: wait a moment.'],
  431: ['headers-too-large', 'The headers are too large.'],
  503: ['unavailable', 'The service cannot answer at the moment: try again.'],
};

/** As bytes, because Fastify adds a charset to text, which the media type does not have (RFC 9457 §3). */
export function sendProblem(reply: FastifyReply, document: ProblemDocument): void {
  void reply
    .status(document.status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(Buffer.from(JSON.stringify(document)));
}

/** Every error leaves as `application/problem+json`; what we did not foresee is logged and says nothing of itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    const error = request.is404 ? (notAllowed(request) ?? thrown) : thrown;
    const document = this.documentOf(error, request);
    if (reply.sent) return;
    if (error instanceof Problem) void reply.headers(error.headers);
    else if (document.status === 503) void reply.header('retry-after', '1');
    sendProblem(reply, document);
  }

  private documentOf(error: unknown, request: FastifyRequest): ProblemDocument {
    if (error instanceof Problem) return error.document;
    const status = statusOf(error);
    const [kind, title] = problemTitles[status] ?? ['internal-error', 'Something went wrong on our side.'];
    if (status >= 500) {
      const route = request.routeOptions.url ?? 'an unknown route';
      const { message, stack } = loggable(error);
      this.logger.error(`${request.method} ${route} failed: ${message}`, stack);
      return { type: `/problems/${kind}`, title, status };
    }
    const detail = status === 404 ? undefined : messageOf(error);
    return { type: `/problems/${kind}`, title, status, ...(detail ? { detail } : {}) };
  }
}

/** There is something at this address, for other methods. */
function notAllowed(request: FastifyRequest): Problem | undefined {
  const allowed = allowedMethods(request);
  if (allowed.length === 0) return undefined;
  return new Problem(405, 'method-not-allowed', 'This method is not allowed here.', {
    detail: `Allowed: ${allowed.join(', ')}.`,
    headers: { allow: allowed.join(', ') },
  });
}

/** Nest's and Fastify's own errors carry their status; anything else is ours: 500. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 600) return status;
  return isUnavailable(error) ? 503 : 500;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
