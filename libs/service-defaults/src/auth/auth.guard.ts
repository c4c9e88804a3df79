import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { probes } from '../http/probes.js';
import { Problem } from '../http/problem.js';
import { RateLimit } from '../http/rate-limit.js';
import type { Scope } from './scopes.js';
import { type Caller, InvalidTokenError, KeysUnavailableError, TokenVerifier } from './token-verifier.js';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who makes a request; nobody is known to make one on a route that takes no token. */
export const callerIfKnown = (request: FastifyRequest): Caller | undefined => callers.get(request);

/** Who makes a request whose token was accepted. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error('this route takes no token, so nobody is known to call it');
  return caller;
}

/** A parameter of a route that takes a token: who calls. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** RFC 6750: no token or a wrong one is 401, a token without the route's scopes is 403. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly limit: RateLimit,
  ) {}

  /** Refuses strangers, and who asks too much, before a byte of the body is read. */
  guard(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request, reply) => {
      const { access } = request.routeOptions.config;
      if (access === undefined || access === 'public') {
        // Health and metrics answer however much is asked.
        if (!probes.test(request.url)) this.limit.take(`from ${request.ip}`);
      } else await this.admit(request, reply, access);
    });
  }

  /** Whatever has gone by the hook, such as a route without `@Scopes`. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { access = [] } = request.routeOptions.config;
    if (access !== 'public' && !callers.has(request)) {
      await this.admit(request, http.getResponse<FastifyReply>(), access);
    }
    return true;
  }

  private async admit(request: FastifyRequest, reply: FastifyReply, needed: readonly Scope[]): Promise<void> {
    const caller = await this.callerFor(request);
    void reply.headers(this.limit.headers(this.limit.take(`client ${caller.client}`)));
    const missing = needed.filter((scope) => !caller.scopes.has(scope));
    if (missing.length > 0) {
      throw new Problem(403, 'forbidden', 'The token does not allow this.', {
        detail: `It lacks the scope ${missing.join(' ')}.`,
        headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${missing.join(' ')}"` },
      });
    }
    callers.set(request, caller);
  }

  private async callerFor({ headers, ip }: FastifyRequest): Promise<Caller> {
    const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '')?.[1];
    try {
      if (token !== undefined) return await this.verifier.verify(token);
    } catch (error) {
      if (error instanceof KeysUnavailableError) throw unavailable(error);
      if (!(error instanceof InvalidTokenError)) throw error;
      this.limit.take(`from ${ip}`);
      throw unauthorized(error.message, 'Bearer error="invalid_token"');
    }
    this.limit.take(`from ${ip}`);
    throw unauthorized('Send it as "Authorization: Bearer <token>".', 'Bearer');
  }
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem(401, 'unauthorized', 'A valid bearer token is required.', {
    detail,
    headers: { 'www-authenticate': challenge },
  });
}

function unavailable({ message }: KeysUnavailableError): Problem {
  return new Problem(503, 'unavailable', 'The service cannot answer at the moment: try again.', {
    detail: message,
    headers: { 'retry-after': '2' },
  });
}
