import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { traceRequests } from '../tracing/trace-requests.js';
import { sendProblem } from './problem.filter.js';
import { rememberRoutes } from './routes.js';
import { answerUnreadable } from './unreadable-requests.js';

export const bodyLimitBytes = 256 * 1024;
/** An import may take its time to arrive… */
const requestTimeoutMs = 30 * 60_000;
/** …but not be silent for longer than this; longer than the longest wait for effects (30 s). */
const silenceMs = 60_000;
/** Longer than any id or number of ours, so that a wrong one gets its 400 from the route. */
const maxParamLength = 1_024;

/** Fastify with our limits; what it refuses before any route is a problem document too. */
export function httpAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: silenceMs,
    // Who still has a connection gets an answer, and with it that it was the last.
    return503OnClosing: false,
    routerOptions: { maxParamLength },
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (_error: unknown, _request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply, {
        type: '/problems/invalid-request',
        title: 'The request is not valid.',
        status: 400,
        detail: 'The URL cannot be read.',
      });
    },
  });
  const fastify = adapter.getInstance();
  rememberRoutes(fastify);
  traceRequests(fastify);
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    // Most answers are about persons: what may be kept says so itself.
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    void reply.header('x-content-type-options', 'nosniff');
    done();
  });
  return adapter;
}
