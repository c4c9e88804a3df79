import type { TokenIssuer } from '../config/token-issuer.js';
import type { Logger } from '../logging/logger.js';

/** Checks bearer tokens (RFC 6750) of the platform's issuer. */
export interface BearerTokens {
  /** Undefined for a valid token with the scope `admin`; 503 while the issuer's keys cannot be had. */
  refusalOf(token: string): Promise<401 | 403 | 503 | undefined>;
}

/** Loaded only where it is configured: alone, the engine does without the libraries behind it. */
export async function bearerTokens(
  issuer: TokenIssuer | undefined,
  log: Logger,
): Promise<BearerTokens | undefined> {
  if (issuer === undefined) return undefined;
  const { InvalidTokenError, remoteKeys, TokenVerifier } =
    await import('@app/service-defaults/token-verifier');
  const verifier = new TokenVerifier(remoteKeys(issuer.jwksUrl), issuer);
  return {
    async refusalOf(token) {
      try {
        const { scopes } = await verifier.verify(token);
        return scopes.has('admin') ? undefined : 403;
      } catch (error) {
        if (error instanceof InvalidTokenError) return 401;
        log.warn(`HTTP: a bearer token cannot be checked: ${String(error)}`);
        return 503;
      }
    },
  };
}
