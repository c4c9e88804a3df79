import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** What runs, without its tests. */
function sources(): string[] {
  const folders = ['apps', 'libs', 'examples'];
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file}`,
    ),
  );
  const elsewhere = /node_modules|\/dist\/|\/test|\.spec\.|libs\/(testing|schematics)\//;
  return files.filter((file) => /\.(ts|py)$/.test(file) && !elsewhere.test(file));
}

const name = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*';
/** How variables are read here: of the process, of a schema, in Python, and by Compose. */
const inCode = [
  new RegExp(`\\benv(?:iron)?(?:\\.get\\()?[.[]?['"]?(${name})\\b`, 'g'),
  new RegExp(`^ {2}(${name})(?:: | = ')`, 'gm'),
  new RegExp(`\\bsecret\\("(${name})"`, 'g'),
];
const inCompose = [new RegExp(`\\$\\{(${name})[:}]`, 'g')];

const found = (text: string, patterns: RegExp[]): string[] =>
  patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, variable]) => String(variable)));

/** Set by others than a person: npm, the shell, and what a spawned process is told. */
const notOurs = new Set(['PATH', 'INIT_CWD', 'TZ']);

/** Those that begin a line, assigned or in a comment, with what is said of them. */
function documented(): Map<string, string> {
  const lines = read('.env.example').split('\n');
  const entry = new RegExp(`^#? *(${name})(?:=\\S*)?(?: +#)? +(\\S.*)$`);
  return new Map(
    lines.flatMap((line) => {
      const [, variable, doc] = entry.exec(line) ?? [];
      return variable === undefined || doc === undefined ? [] : [[variable, doc] as const];
    }),
  );
}

describe('.env.example', () => {
  const environments = sources()
    .map(read)
    .filter((text) => /\benv(iron)?\b|loadEnv|z\.object/.test(text));
  const compose = ['docker-compose.yml', 'docker-compose.azure.yml', 'docker-compose.emulators.yml'].map(
    read,
  );
  const known = new Set([
    ...environments.flatMap((text) => found(text, inCode)),
    ...compose.flatMap((text) => found(text, inCompose)),
  ]);
  const told = documented();

  it('has a line on every variable that is read', () => {
    expect(known.size).toBeGreaterThan(60);
    const missing = [...known].filter((variable) => !notOurs.has(variable) && !told.has(variable));
    expect(missing.filter((variable) => !told.has(variable.replace(/_FILE$/, '')))).toEqual([]);
  });

  it('tells of none that nobody reads', () => {
    const all = [...sources().map(read), ...compose].join('\n');
    const byCompose = new Set(['COMPOSE_PROFILES']);
    const unread = [...told.keys()].filter((variable) => !byCompose.has(variable) && !all.includes(variable));
    expect(unread.filter((variable) => !variable.endsWith('_PORT'))).toEqual([]);
  });
});
