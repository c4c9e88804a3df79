import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** The environment does not fit: one line a variable, ready to be printed. */
export class EnvironmentError extends Error {
  readonly code = 'WRONG_ENVIRONMENT';
}

/**
 * Reads the variables that a schema names, once, and answers one typed object. `NAME_FILE` is read into `NAME` where
 * only the former is set, as containers hand over secrets. An empty value counts as not set.
 * @throws {EnvironmentError} naming every variable that is missing or wrong.
 */
export function loadEnv<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv = process.env): z.infer<S> {
  const values = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, variable(name, env)]));
  const { success, data, error } = schema.safeParse(values);
  if (success) return data;
  const lines = error.issues.map((issue) => {
    const name = issue.path.join('.');
    return `${name}${values[name] === undefined ? ' is not set' : ' is wrong'}: ${issue.message}`;
  });
  throw new EnvironmentError(lines.join('\n'));
}

function variable(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (env[name]) return env[name];
  const file = env[`${name}_FILE`];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new EnvironmentError(`${name}_FILE names ${file}, which cannot be read`, { cause });
  }
}
