import type { FastifyInstance, FastifyRequest } from 'fastify';

type Routes = Map<string, { segments: string[]; methods: Set<string> }>;

const tables = new WeakMap<FastifyInstance['server'], Routes>();

/** Remembers the routes from now on, for `allowedMethods`. */
export function rememberRoutes(fastify: FastifyInstance): void {
  const routes: Routes = new Map();
  tables.set(fastify.server, routes);
  fastify.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { segments: url.split('/'), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
}

/** The methods that the address of a request has, although not the one that was asked for (RFC 9110 §15.5.6). */
export function allowedMethods(request: FastifyRequest): string[] {
  const asked = (request.url.split('?')[0] ?? '').split('/');
  const found = [...(tables.get(request.server.server)?.values() ?? [])].filter(
    ({ segments }) =>
      segments.length === asked.length &&
      segments.every(
        (segment, index) => segment === asked[index] || (segment.startsWith(':') && asked[index]),
      ),
  );
  const methods = new Set<string>();
  for (const route of found) for (const method of route.methods) methods.add(method);
  return [...methods].toSorted();
}
