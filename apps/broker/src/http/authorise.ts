import type { IncomingMessage } from 'node:http';
import { verifySasToken, type AccessKey } from '../auth/sas-token.js';
import type { BearerTokens } from './bearer-tokens.js';

export interface Guards {
  readonly keys: readonly AccessKey[];
  /** Set where a token issuer is configured. */
  readonly bearer: BearerTokens | undefined;
}

/**
 * Whether a request may look at what it asks for: with a SAS token that has the Manage right, as Azure's own HTTP
 * interface wants it (`Authorization: SharedAccessSignature sr=…&sig=…&se=…&skn=…`), or, where the platform's issuer is
 * known, with a bearer token that has the scope `admin`. A SAS token for a hub opens that hub; what spans hubs takes one
 * for the namespace (`sr=sb://localhost/`).
 *
 * @param entity the hub, or an empty text for the namespace
 * @returns undefined when it may, or the status to answer with
 */
export async function refusalOf(
  { headers }: IncomingMessage,
  entity: string,
  { keys, bearer }: Guards,
): Promise<401 | 403 | 503 | undefined> {
  const authorization = headers.authorization ?? '';
  if (bearer !== undefined && /^bearer /i.test(authorization)) {
    return bearer.refusalOf(authorization.slice('bearer '.length).trim());
  }
  const verdict = verifySasToken(authorization, entity, keys, Date.now());
  if (!verdict.ok) return 401;
  return verdict.claim.rights.includes('Manage') ? undefined : 403;
}
