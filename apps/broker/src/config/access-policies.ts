import { readFileSync } from 'node:fs';
import type { AccessKey, Right } from '../auth/sas-token.js';
import { ConfigError } from './config-error.js';
import { parseJsonWithComments } from './json-with-comments.js';

/** Manage includes the other two, as on Azure. */
const known: readonly Right[] = ['Send', 'Listen', 'Manage'];
const members = new Set(['Name', 'Rights', 'PrimaryKey', 'SecondaryKey']);

/**
 * Reads the shared access policies of the namespace, two keys of one name where a policy has a secondary one:
 *
 *   { "SharedAccessPolicies": [
 *     { "Name": "web-shop", "Rights": ["Send"], "PrimaryKey": "…", "SecondaryKey": "…" } ] }
 *
 * @throws ConfigError naming file and policy, never a key
 */
export function loadAccessPolicies(file: string): AccessKey[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return readAccessPolicies(text, file);
}

/** @throws ConfigError */
export function readAccessPolicies(text: string, file: string): AccessKey[] {
  const policies = policiesIn(text, file);
  const names = new Set<string>();
  return policies.flatMap((policy, i) => {
    const where = `${file}: SharedAccessPolicies[${i}]`;
    const keys = readPolicy(policy, where);
    const name = keys[0]?.name ?? '';
    if (names.has(name)) throw new ConfigError(`${where}: '${name}' is declared twice`);
    names.add(name);
    return keys;
  });
}

function policiesIn(text: string, file: string): unknown[] {
  let root: unknown;
  try {
    root = parseJsonWithComments(text);
  } catch {
    throw new ConfigError(`${file}: not valid JSON`); // the parser's words may quote a key
  }
  const policies =
    typeof root === 'object' && root !== null && 'SharedAccessPolicies' in root && root.SharedAccessPolicies;
  if (!Array.isArray(policies)) throw new ConfigError(`${file}: SharedAccessPolicies must be a list`);
  return policies;
}

function readPolicy(policy: unknown, where: string): AccessKey[] {
  if (typeof policy !== 'object' || policy === null) throw new ConfigError(`${where} must be an object`);
  const unknown = Object.keys(policy).find((member) => !members.has(member));
  if (unknown !== undefined) throw new ConfigError(`${where}: '${unknown}' is no member of a policy`);
  const { Name, Rights, PrimaryKey, SecondaryKey } = policy as Record<string, unknown>;
  if (!isText(Name)) throw new ConfigError(`${where}: Name is missing`);
  if (!Array.isArray(Rights) || Rights.length === 0 || !Rights.every((right) => known.includes(right))) {
    throw new ConfigError(`${where}: Rights of '${Name}' must be some of ${known.join(', ')}`);
  }
  if (!isText(PrimaryKey)) throw new ConfigError(`${where}: PrimaryKey of '${Name}' is missing`);
  if (SecondaryKey !== undefined && !isText(SecondaryKey)) {
    throw new ConfigError(`${where}: SecondaryKey of '${Name}' must be text`);
  }
  const keys = SecondaryKey === undefined ? [PrimaryKey] : [PrimaryKey, SecondaryKey];
  return keys.map((key) => ({ name: Name, key, rights: Rights as Right[] }));
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
