import { readFile } from 'node:fs/promises';
import { ConfigError } from './config-error.js';
import { parseJsonWithComments } from './json-with-comments.js';

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Azure's rules for names: letters, digits, `.`, `-`, `_`, a letter or digit at both ends. */
const namePattern = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

/**
 * The `UserConfig` of a file in the format of Azure's emulators.
 * @throws ConfigError naming the file
 */
export async function readConfig(file: string): Promise<Json> {
  return userConfigOf(await readText(file), file);
}

/** @throws ConfigError */
export function userConfigOf(text: string, file: string): Json {
  let config: unknown;
  try {
    config = parseJsonWithComments(text);
  } catch (error) {
    throw new ConfigError(`${file}: not valid JSON (${(error as Error).message})`);
  }
  const user = isObject(config) ? config['UserConfig'] : undefined;
  if (!isObject(user)) throw new ConfigError(`${file}: UserConfig is missing`);
  return user;
}

/** @throws ConfigError */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    );
  }
}

/** @throws ConfigError */
export function list(value: unknown, where: string): Json[] {
  if (!Array.isArray(value) || !value.every(isObject))
    throw new ConfigError(`${where} must be a list of objects`);
  return value;
}

/** @throws ConfigError */
export function nameOf(entity: Json, where: string, maxLength: number): string {
  const name = entity['Name'];
  const valid =
    typeof name === 'string' && name.length <= maxLength && (namePattern.test(name) || name === '$Default');
  if (!valid)
    throw new ConfigError(
      `${where}: ${JSON.stringify(name)} is no valid Name (letters, digits, . - _, at most ${maxLength})`,
    );
  return name;
}
