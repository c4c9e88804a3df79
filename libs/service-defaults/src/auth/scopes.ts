import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';

export const scopes = [
  'customers:read',
  'customers:write',
  'customers:erase',
  'customers:export',
  'personal-data:read',
  'events:read',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** Who may call a route: anybody, or who has a token with all of these scopes. */
export type Access = 'public' | readonly Scope[];

/** The member of an OpenAPI operation that says the same, until the document is finished. */
export const accessExtension = 'x-access';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent on a route that anybody may call and that is none of Nest's, or that takes a token of any scope. */
    access?: Access;
  }
}

/** The scopes a caller's token needs, all of them. A route without this decorator needs a token of any scope. */
export const Scopes = (...needed: Scope[]) => accessible(needed);

/** A route that anyone who reaches the port may call: health, metrics, documentation, keys. */
export const Public = () => accessible('public');

/** Part of Fastify's route, so that a stranger is refused before the body is read. */
function accessible(access: Access): MethodDecorator & ClassDecorator {
  const mark = (prototype: object, name: string | symbol, method: PropertyDescriptor): void => {
    RouteConfig({ access })(prototype, name, method);
    ApiExtension(accessExtension, access)(prototype, name, method);
  };
  return (target: object, name?: string | symbol, method?: PropertyDescriptor): void => {
    if (name !== undefined && method) {
      mark(target, name, method);
      return;
    }
    const { prototype } = target as { prototype: object };
    for (const [own, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (own !== 'constructor' && typeof descriptor.value === 'function') mark(prototype, own, descriptor);
    }
  };
}
