import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';

/** Who calls, as the token says it. */
export interface Caller {
  subject: string;
  /** The application that holds the token: `client_id` (RFC 9068 §2.2), `azp` (Entra ID, OpenID), else the subject. */
  client: string;
  /** It calls for itself, and no person through it: what the token says only where it is sure. */
  isService: boolean;
  scopes: ReadonlySet<string>;
}

/** The token does not hold; the message is safe to tell. */
export class InvalidTokenError extends Error {
  readonly code = 'INVALID_TOKEN';
}

/** The issuer's keys cannot be had at the moment: neither yes nor no. */
export class KeysUnavailableError extends Error {
  readonly code = 'KEYS_UNAVAILABLE';
}

const asymmetric = ['ES256', 'ES384', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA'];

const askAgainMs = 5_000;

/**
 * Keys by HTTP, kept for good once seen: an issuer that is away does not lock anybody out. For a key that is not among them
 * it is asked again, but not more often than every 5 s, by a clock that nobody sets: jose's own pause would last a year
 * after the machine's clock was a year ahead.
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Infinity,
    cooldownDuration: Infinity,
    timeoutDuration: 5_000,
  });
  let askedAt = -Infinity;
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const isNew = error instanceof errors.JWKSNoMatchingKey;
      if (!isNew || performance.now() - askedAt < askAgainMs) throw error;
      askedAt = performance.now();
      await keys.reload();
      return keys(header, token);
    }
  };
}

/**
 * Checks signature, issuer, audience and times (RFC 7519 §4.1, RFC 8725). Verified tokens are remembered until they
 * expire, at most `remembered` of them: a signature check costs more than a read by id.
 */
export class TokenVerifier {
  private readonly seen = new Map<string, { caller: Caller; until: number }>();

  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly expected: { issuer: string; audience: string },
    private readonly remembered = 1_000,
  ) {}

  /** @throws {InvalidTokenError} @throws {KeysUnavailableError} */
  async verify(token: string, now = Date.now()): Promise<Caller> {
    const known = this.seen.get(token);
    if (known !== undefined && known.until > now) return known.caller;
    this.seen.delete(token);
    const payload = await this.check(token);
    const caller = {
      subject: payload.sub ?? '',
      client: clientOf(payload),
      isService: isService(payload),
      scopes: scopesOf(payload),
    };
    const oldest = this.seen.keys().next();
    if (this.seen.size >= this.remembered && !oldest.done) this.seen.delete(oldest.value);
    this.seen.set(token, { caller, until: (payload.exp ?? 0) * 1000 });
    return caller;
  }

  private async check(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        ...this.expected,
        algorithms: asymmetric,
        requiredClaims: ['exp'],
      });
      return payload;
    } catch (cause) {
      if (
        cause instanceof errors.JOSEError &&
        !(cause instanceof errors.JWKSTimeout) &&
        !isFetchFailure(cause)
      ) {
        throw new InvalidTokenError(describe(cause), { cause });
      }
      throw new KeysUnavailableError("the token issuer's keys cannot be fetched", { cause });
    }
  }
}

/** jose reports an answer other than 200 from the key endpoint as a bare JOSEError. */
const isFetchFailure = (error: errors.JOSEError): boolean => error.code === 'ERR_JOSE_GENERIC';

function describe(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's claim "${error.claim}" is not accepted`;
  return 'the token is not valid';
}

function clientOf({ client_id: clientId, azp, sub }: JWTPayload): string {
  return [clientId, azp, sub].find((claim): claim is string => typeof claim === 'string') ?? '';
}

/** Of client credentials `sub` is the client itself (RFC 9068 §2.2); Entra ID says it in `idtyp`. */
function isService({ client_id: clientId, azp, sub, idtyp }: JWTPayload): boolean {
  const client = clientId ?? azp;
  return idtyp === 'app' || (typeof client === 'string' && client !== '' && client === sub);
}

/** `scope` is one string (RFC 8693 §4.2), `scp` a string or an array (Entra ID). */
function scopesOf(payload: JWTPayload): Set<string> {
  const listed = [payload['scope'], payload['scp']].flat().filter((value) => typeof value === 'string');
  return new Set(listed.flatMap((value) => value.split(' ')).filter(Boolean));
}
