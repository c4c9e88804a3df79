import { SetMetadata } from '@nestjs/common';

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

export const requiredScopes = Symbol('required scopes');
export const publicRoute = Symbol('public route');

/** The scopes a caller's token needs, all of them. A route without this decorator needs a token of any scope. */
export const Scopes = (...needed: Scope[]): MethodDecorator & ClassDecorator =>
  SetMetadata(requiredScopes, needed);

/** A route that anyone who reaches the port may call: health, metrics, documentation, keys. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(publicRoute, true);
