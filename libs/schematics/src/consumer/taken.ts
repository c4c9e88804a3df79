import type { Tree } from '@angular-devkit/schematics';
import { composeServicesIn } from '../edits/compose.js';
import { groupNamesIn } from '../edits/event-hubs-config.js';
import { projectNamesIn } from '../edits/nest-cli.js';
import { entriesIn } from '../edits/services.js';
import { namesOf } from '../names.js';
import { platformParts } from '../platform-parts.js';
import { RefusedError } from '../refused.error.js';
import type { ConsumerOptions } from './read-options.js';

/** Ports and databases that belong to no service. */
const reserved: ReadonlySet<string> = new Set([
  'broker-amqp',
  'broker-http',
  'postgres',
  'mailbox',
  'mailbox-smtp',
  'mailbox-http',
  'local',
  'default',
]);

/** @throws {RefusedError} saying who has the name, or who writes an event of that type */
export function refuseWhatIsTaken(tree: Tree, { name, emits }: ConsumerOptions): void {
  const who = takenBy(tree, name);
  if (who !== undefined)
    throw new RefusedError(
      `${name} is taken: ${who}. Nothing has been changed; choose another name${isConsumer(tree, name) ? `, or take it away first: npm run remove:consumer -- ${name}` : ''}`,
    );
  for (const type of emits) {
    const found = writerOf(tree, type);
    if (found !== undefined)
      throw new RefusedError(`--emits ${type}: ${found} declares an event of that type`);
  }
}

const isOfThePlatform = (name: string) => platformParts.includes(name) || reserved.has(name);

/** Whether `remove:consumer` would take it. */
const isConsumer = (tree: Tree, name: string) =>
  !isOfThePlatform(name) && tree.getDir('apps').subdirs.some((dir) => dir === name);

function takenBy(tree: Tree, name: string): string | undefined {
  const { table } = namesOf(name);
  if (isOfThePlatform(name)) return 'it is a part of the platform';
  if (tree.getDir('apps').subdirs.some((dir) => dir === name)) return `there is apps/${name}`;
  const inFile: [file: string, namesIn: (text: string) => string[]][] = [
    ['config/eventhubs.json', groupNamesIn],
    ['docker-compose.yml', composeServicesIn],
    ['nest-cli.json', projectNamesIn],
    ['apps/local/src/services.ts', (text) => entriesIn(text).map((entry) => entry.name)],
  ];
  const found = inFile.find(([file, namesIn]) =>
    namesIn(tree.readText(file)).some((other) => namesOf(other).table === table),
  );
  return found && `${found[0]} has it`;
}

function writerOf(tree: Tree, type: string): string | undefined {
  let found: string | undefined;
  for (const app of tree.getDir('apps').subdirs)
    tree.getDir(`apps/${app}/src/events`).visit((file) => {
      if (file.endsWith('.event.ts') && tree.readText(file).includes(`type: '${type}'`))
        found ??= file.slice(1);
    });
  return found;
}
