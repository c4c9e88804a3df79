import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { publicRoute, requiredScopes, type Scope } from './scopes.js';
import { type Caller, InvalidTokenError, KeysUnavailableError, TokenVerifier } from './token-verifier.js';

const callers = new WeakMap<FastifyRequest, Caller>();

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
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(publicRoute, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = await this.callerFor(request.headers.authorization);
    callers.set(request, caller);
    const missing = (
      this.reflector.getAllAndOverride<Scope[] | undefined>(requiredScopes, targets) ?? []
    ).filter((scope) => !caller.scopes.has(scope));
    if (missing.length > 0) {
      throw new Problem(403, 'forbidden', 'The token does not allow this.', {
        detail: `It lacks the scope ${missing.join(' ')}.`,
        headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${missing.join(' ')}"` },
      });
    }
    return true;
  }

  private async callerFor(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthorized('Send it as "Authorization: Bearer <token>".', 'Bearer');
    try {
      return await this.verifier.verify(token);
    } catch (error) {
      if (error instanceof InvalidTokenError)
        throw unauthorized(error.message, 'Bearer error="invalid_token"');
      if (!(error instanceof KeysUnavailableError)) throw error;
      throw new Problem(503, 'unavailable', 'The service cannot answer at the moment: try again.', {
        detail: error.message,
        headers: { 'retry-after': '2' },
      });
    }
  }
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem(401, 'unauthorized', 'A valid bearer token is required.', {
    detail,
    headers: { 'www-authenticate': challenge },
  });
}
