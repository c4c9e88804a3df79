// An operator's view of one consumer: npm run consumer -- search-indexer parked
import { scopes } from '@app/service-defaults';
import { localToken } from '../secrets/local-token.js';
import { consumers, portVariableOf } from '../services.js';
import { readSettings } from '../settings.js';
import { type Command, commandFrom, UsageError, usage } from './command.js';
import { describe } from './print.js';

function urlOf({ url, consumer }: Command): string {
  if (url !== undefined) return url.replace(/\/+$/, '');
  const known = consumers.find(({ name }) => name === consumer);
  if (known) return `http://127.0.0.1:${readSettings(process.env).ports[portVariableOf(known.name)]}`;
  const names = consumers.map(({ name }) => name).join(', ');
  throw new UsageError(`${consumer} is none of ${names}: say where it is with --url`);
}

async function ask(command: Command): Promise<unknown> {
  const { method, path, body } = command.call;
  const url = urlOf(command);
  const token = process.env['TOKEN'] ?? (await localToken(scopes));
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: unknown) => {
    throw new Error(`${command.consumer} does not answer at ${url}: is it running?`, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${problemIn(text)}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

/** The line for people of a problem document (RFC 9457). */
function problemIn(text: string): string {
  try {
    const { title, detail, errors } = JSON.parse(text) as {
      title: string;
      detail?: string;
      errors?: { pointer: string; detail: string }[];
    };
    const members = errors?.map((error) => `${error.pointer} ${error.detail}`) ?? [];
    return [title, detail, ...members].filter(Boolean).join(' ');
  } catch {
    return text.slice(0, 200);
  }
}

try {
  const command = commandFrom(process.argv.slice(2));
  console.log(describe(command.name, await ask(command)));
} catch (error) {
  console.error(`consumer: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof UsageError) console.error(`\n${usage}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
