import { importJWK, type JWK, SignJWT } from 'jose';

export interface TokenRequest {
  /** Who calls: `sub`. */
  subject: string;
  /** The application that gets it: `client_id`; the subject itself, which is then a service, unless told. */
  client?: string;
  scopes: readonly string[];
  issuer: string;
  audience: string;
  lifetimeSeconds: number;
}

/** Signs an access token (RFC 9068 in spirit) with the local issuer's private key. */
export async function signToken(privateJwk: JWK, request: TokenRequest): Promise<string> {
  const { alg = 'ES256', kid = '' } = privateJwk;
  return new SignJWT({ scope: request.scopes.join(' '), client_id: request.client ?? request.subject })
    .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
    .setSubject(request.subject)
    .setIssuer(request.issuer)
    .setAudience(request.audience)
    .setIssuedAt()
    .setExpirationTime(`${request.lifetimeSeconds}s`)
    .sign(await importJWK(privateJwk, alg));
}
