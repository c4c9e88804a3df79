// What libs/contracts publishes: JSON Schemas and the AsyncAPI document, and whether they keep their promises.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { allJsonSchemas, asyncApi, breaksOf } from '../../libs/contracts/dist/index.js';
import { takersOf } from './handlers.mjs';

/** Every version that has been published, tracked; read by generators of code in other languages. */
export const publishedFolder = 'libs/contracts/published';

const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`;
/** `/schemas/AddressChanged/v1.json` lies at `AddressChanged/v1.json`. */
const fileOf = (schema) => schema.$id.replace('/schemas/', '');

export function schemaFiles() {
  return Object.fromEntries(
    allJsonSchemas().map((schema) => [path.posix.join(publishedFolder, fileOf(schema)), json(schema)]),
  );
}

export const asyncApiFile = () => ({ 'docs/asyncapi.json': json(asyncApi()) });

/**
 * Where the schemas of the code break what has been published, a line each, with those who take the event.
 * @param {import('./handlers.mjs').Handler[]} handlers
 */
export function brokenPromises(handlers, folder = publishedFolder, schemas = allJsonSchemas()) {
  const current = new Map(schemas.map((schema) => [fileOf(schema), schema]));
  return filesIn(folder).flatMap((file) => {
    const published = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    const schema = current.get(file);
    const [type, version] = file.replace('.json', '').split('/');
    const takers = takersOf(handlers, type);
    const whom = `taken by ${takers.length > 0 ? takers.join(', ') : 'nobody here'}`;
    const breaks = schema ? breaksOf(published, schema) : [{ field: 'data', what: 'is published no more' }];
    return breaks.map(({ field, what }) => `${type} ${version}: ${field} ${what} (${whom})`);
  });
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .map((file) => file.split(path.sep).join('/'))
    .toSorted();
}

export const advice =
  'A published version stays as it is: only optional members may be added. Make the next version beside it, with an upcast, in libs/contracts/src/versions/event-versions.ts (docs/contracts.md).';
