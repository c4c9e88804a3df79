// Prints a bearer token of the local issuer: npm run -s token [-- --scope "customers:read …"]
import { parseArgs } from 'node:util';
import { type Scope, scopes } from '@app/service-defaults';
import { localToken } from './secrets/local-token.js';

const isScope = (text: string): text is Scope => (scopes as readonly string[]).includes(text);

function requestedScopes(): string[] {
  const { values } = parseArgs({ options: { scope: { type: 'string' } }, allowPositionals: false });
  const wanted = values.scope?.split(' ').filter(Boolean) ?? [...scopes];
  const unknown = wanted.filter((scope) => !isScope(scope));
  if (unknown.length > 0)
    throw new Error(`unknown scope ${unknown.join(', ')}: known are ${scopes.join(', ')}`);
  return wanted;
}

try {
  console.log(await localToken(requestedScopes()));
} catch (error) {
  console.error(`token: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
