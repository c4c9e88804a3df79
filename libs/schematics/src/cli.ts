// npm run new:consumer -- loyalty --on CustomerAdded,AddressChanged [--filter 'KEY Operator VALUE'] [--emits Type]
// npm run remove:consumer -- loyalty
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { NodeWorkflow } from '@angular-devkit/schematics/tools/index.js';
import { lastValueFrom } from 'rxjs';
import { RefusedError } from './refused.error.js';
import { usageOf, whatNow } from './tell.js';

/** The clone's folder: libs/schematics/src and libs/schematics/dist lie equally deep. */
const root = path.join(import.meta.dirname, '../../..');
const collection = path.join(root, 'libs/schematics/collection.json');

const commands = {
  new: { schematic: 'consumer', takes: ['on', 'filter', 'emits', 'without-docs'] },
  remove: { schematic: 'remove-consumer', takes: ['without-docs'] },
} as const;
type Command = keyof typeof commands;

function read(command: Command, args: string[]): Record<string, unknown> {
  const one = { type: 'string' } as const;
  const options = {
    on: one,
    emits: one,
    filter: { type: 'string', multiple: true },
    'without-docs': { type: 'boolean' },
  } as const;
  try {
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [name, ...more] = positionals;
    if (name === undefined) throw new RefusedError('which consumer? A name is missing');
    if (more.length > 0)
      throw new RefusedError(`${more.join(' ')} is too much: separate types with commas only`);
    const foreign = Object.keys(values).find(
      (option) => !(commands[command].takes as readonly string[]).includes(option),
    );
    if (foreign !== undefined)
      throw new RefusedError(`--${foreign} is nothing that ${command}:consumer takes`);
    if (command === 'new' && values.on === undefined)
      throw new RefusedError('--on is missing: which events?');
    return { name, ...values };
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError((error as Error).message.split('. ')[0]);
  }
}

/** All or nothing: the schematic works on a copy in memory, which is written when it has come to its end. */
async function run(schematic: string, options: object): Promise<string[]> {
  const workflow = new NodeWorkflow(root, { force: false, dryRun: false });
  const written: string[] = [];
  workflow.reporter.subscribe((event) => {
    if (event.kind === 'error') throw new RefusedError(`${event.path}: ${event.description}`);
    if (event.kind !== 'rename') written.push(`${event.kind} ${event.path.replace(/^\//, '')}`);
  });
  await lastValueFrom(workflow.execute({ collection, schematic, options, allowPrivate: true }));
  return written;
}

/** @returns the files that it has written anew, as the schematic tells of its own */
function updateDocs(): string[] {
  const docs = spawnSync('npm', ['run', '-s', 'update:docs'], { cwd: root, encoding: 'utf8' });
  if (docs.status !== 0) throw new Error(`npm run update:docs failed:\n${docs.stdout}${docs.stderr}`);
  return [...docs.stdout.matchAll(/^wrote (.+)$/gm)].map(([, file]) => `update ${file}`);
}

const [given, ...args] = process.argv.slice(2);
const command: Command = given === 'remove' ? 'remove' : 'new';
try {
  const { 'without-docs': withoutDocs, ...options } = read(command, args);
  const { schematic } = commands[command];
  process.chdir(root);
  const written = await run(schematic, options);
  // What was compiled of it goes, too.
  if (command === 'remove')
    rmSync(path.join(root, 'apps', String(options['name'])), { recursive: true, force: true });
  const docs = withoutDocs ? [] : updateDocs();
  console.log(whatNow(command, String(options['name']), [...new Set([...written, ...docs])]));
} catch (error) {
  console.error(`${command}:consumer: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof RefusedError) console.error(`\n${usageOf(command)}`);
  process.exitCode = error instanceof RefusedError ? 2 : 1;
}
