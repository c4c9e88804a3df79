import { z } from 'zod';
import { EnvironmentError } from './load-env.js';

/** What every service reads. */
export const serviceEnvironment = z.object({
  /** The address to listen on. */
  HOST: z.string().default('127.0.0.1'),
  /** "loopback" says that this HOST cannot be reached from outside (a container published on 127.0.0.1). */
  PUBLISHED: z.enum(['loopback', 'public']).optional(),
  /** Lines of JSON, or text for a person. */
  LOG_FORMAT: z.enum(['json', 'text']).default(process.stdout.isTTY ? 'text' : 'json'),
  /** Where the keys that sign tokens are published. */
  AUTH_JWKS_URL: z.url().default('http://127.0.0.1:3000/.well-known/jwks.json'),
  AUTH_ISSUER: z.string().default('urn:customer-profile:local'),
  AUTH_AUDIENCE: z.string().default('customer-profile'),
  /** OAuth 2.0 client credentials with which this service calls the others. */
  AUTH_TOKEN_URL: z.url().default('http://127.0.0.1:3000/oauth/token'),
  AUTH_CLIENT_ID: z.string().optional(),
  AUTH_CLIENT_SECRET: z.string().optional(),
  /** Requests a second that one client may make; one address, where there is no token. */
  RATE_LIMIT_PER_SECOND: z.coerce.number().int().positive().default(2_000),
  EVENTHUBS_CONNECTION_STRING: z.string().optional(),
});
export type ServiceEnvironment = z.infer<typeof serviceEnvironment>;

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

/** Whether strangers may reach this process: then no default secret may be in use, and no fault may be injected. */
export function isReachableFromOutside(env: Pick<ServiceEnvironment, 'HOST' | 'PUBLISHED'>): boolean {
  return !isLoopback(env.HOST) && env.PUBLISHED !== 'loopback';
}

/** @throws {EnvironmentError} when the well-known local key would guard an address that others can reach. */
export function refuseDefaultSecrets(env: ServiceEnvironment): void {
  if (
    isReachableFromOutside(env) &&
    env.EVENTHUBS_CONNECTION_STRING?.includes('SharedAccessKey=SAS_KEY_VALUE')
  ) {
    throw new EnvironmentError(
      `HOST=${env.HOST} is not loopback, and EVENTHUBS_CONNECTION_STRING holds the default key: set a key of your own`,
    );
  }
}
