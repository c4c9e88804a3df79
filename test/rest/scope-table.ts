import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformConsumers, workspaceRoot } from '@app/testing';

const row = /^\| (?<service>[a-z -]+?) +\| `(?<route>[A-Z]+ \/\S*)` +\| (?<access>.+?) +\|$/;

/** The rows of the table in docs/api.md, as "service METHOD /path: scope". */
export function documentedScopes(): string[] {
  const text = readFileSync(join(workspaceRoot, 'docs/api.md'), 'utf8');
  return text.split('\n').flatMap((line) => {
    const { service = '', route, access } = row.exec(line)?.groups ?? {};
    if (route === undefined) return [];
    const services = service === 'every consumer' ? platformConsumers : [service];
    return services.map((one) => `${one} ${route}: ${access?.replaceAll('`', '')}`);
  });
}
