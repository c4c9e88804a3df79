import { type CanActivate, type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { namesOfObjects } from './names-of-objects.js';
import { probes } from './probes.js';
import { invalid, pointer } from './problem.js';

type Handler = (...parameters: unknown[]) => unknown;
interface ApiParameter {
  name?: string;
  in?: string;
}

/**
 * A parameter that a route does not know is refused, whether the route reads any or not: who adds `dryRun=true` to what has no
 * such thing must not think that nothing happened. Where there is a schema, it says which there are; where there is none,
 * `@ApiQuery` does.
 */
@Injectable()
export class QueryGuard implements CanActivate {
  /** Of the routes without a schema. */
  private readonly known = new WeakMap<Handler, ReadonlySet<string>>();

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { url, query } = context.switchToHttp().getRequest<FastifyRequest>();
    const start = url.indexOf('?');
    if (start === -1 || probes.test(url)) return true;
    if (!isText(url.slice(start + 1))) {
      throw invalid([{ pointer: '', detail: 'the query is not percent-encoded UTF-8' }]);
    }
    const route = context.getHandler() as Handler;
    const known = hasSchema(context.getClass(), route) ? undefined : this.knownTo(route);
    const unknown = Object.keys(query as object).filter(
      (name) => namesOfObjects.includes(name) || known?.has(name) === false,
    );
    if (unknown.length === 0) return true;
    throw invalid(
      unknown.map((name) => ({ pointer: pointer([name]), detail: 'is no parameter of this address' })),
    );
  }

  private knownTo(route: Handler): ReadonlySet<string> {
    const found = this.known.get(route);
    if (found) return found;
    const parameters = (Reflect.getMetadata('swagger/apiParameters', route) ?? []) as ApiParameter[];
    const names = new Set(parameters.filter((one) => one.in === 'query').map(({ name = '' }) => name));
    this.known.set(route, names);
    return names;
  }
}

function hasSchema(controller: Type, route: Handler): boolean {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, route.name) ?? {}) as object;
  return Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}

function isText(query: string): boolean {
  try {
    decodeURIComponent(query);
    return true;
  } catch {
    return false; // URIError says no more than that
  }
}
