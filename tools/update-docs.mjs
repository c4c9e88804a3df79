// Rewrites what is generated: docs/ and the published schemas; with --check it only says what is out of date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { catalogue } from './docs/catalogue.mjs';
import { advice, asyncApiFile, brokenPromises, schemaFiles } from './docs/contracts.mjs';
import { dependencyGraph } from './docs/dependency-graph.mjs';
import { handlersIn } from './docs/handlers.mjs';
import { pythonTypes } from './docs/python-types.mjs';

const check = process.argv.includes('--check');

async function formatted(file, text) {
  const { ignored, inferredParser } = await prettier.getFileInfo(file, { ignorePath: '.prettierignore' });
  if (ignored || !inferredParser) return text;
  return prettier.format(text, { ...(await prettier.resolveConfig(file)), filepath: file });
}

const handlers = handlersIn();
// What is published is not overwritten with what breaks it: `npm run check` says the same.
const broken = check ? [] : brokenPromises(handlers);
if (broken.length > 0) {
  console.error([...broken, advice].join('\n'));
  process.exit(1);
}

const generated = {
  ...dependencyGraph(),
  ...schemaFiles(),
  ...asyncApiFile(),
  ...pythonTypes(),
  ...(await catalogue(handlers)),
};

let stale = 0;
for (const [file, text] of Object.entries(generated)) {
  const wanted = await formatted(file, text);
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) continue;
  stale++;
  if (check) console.error(`${file} is out of date: npm run update:docs`);
  else {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, wanted);
    console.log(`wrote ${file}`);
  }
}
if (check && stale > 0) process.exit(1);
