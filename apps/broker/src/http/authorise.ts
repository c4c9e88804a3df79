import type { IncomingMessage } from 'node:http';
import { verifySasToken, type AccessKey } from '../auth/sas-token.js';

/**
 * Whether a request carries a SAS token with the Manage right for what it asks for, as Azure's own HTTP
 * interface wants it: `Authorization: SharedAccessSignature sr=…&sig=…&se=…&skn=…`. A token for a hub opens
 * that hub; what spans hubs takes one for the namespace (`sr=sb://localhost/`).
 *
 * @param entity the hub, or an empty text for the namespace
 */
export function mayManage(
  request: IncomingMessage,
  entity: string,
  keys: readonly AccessKey[],
): { status: 401 | 403 } | undefined {
  const verdict = verifySasToken(request.headers.authorization ?? '', entity, keys, Date.now());
  if (!verdict.ok) return { status: 401 };
  return verdict.claim.rights.includes('Manage') ? undefined : { status: 403 };
}
