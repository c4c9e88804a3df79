import { ConfigError } from './config-error.js';

/** Who signs the bearer tokens that open the HTTP door, besides SAS tokens. */
export interface TokenIssuer {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

/**
 * From AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE, as every service of the platform has them; undefined without the
 * first: the engine alone knows SAS tokens only.
 * @throws ConfigError
 */
export function readTokenIssuer(env: NodeJS.ProcessEnv): TokenIssuer | undefined {
  const jwksUrl = env['AUTH_JWKS_URL'];
  if (jwksUrl === undefined || jwksUrl === '') return undefined;
  if (!URL.canParse(jwksUrl)) throw new ConfigError(`AUTH_JWKS_URL must be a URL, not '${jwksUrl}'`);
  return {
    jwksUrl,
    issuer: env['AUTH_ISSUER'] ?? 'urn:customer-profile:local',
    audience: env['AUTH_AUDIENCE'] ?? 'customer-profile',
  };
}
