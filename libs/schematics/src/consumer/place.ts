import type { Rule, Tree } from '@angular-devkit/schematics';
import { addToCompose } from '../edits/compose.js';
import { addGroup } from '../edits/event-hubs-config.js';
import { addDocLine, addPortLine } from '../edits/lists.js';
import { addProject } from '../edits/nest-cli.js';
import { addService, freePortIn } from '../edits/services.js';
import { namesOf } from '../names.js';
import type { ConsumerOptions } from './read-options.js';

/** What the files say about a consumer that name all of them. */
interface Place {
  name: string;
  port: number;
  portVariable: string;
  types: readonly string[];
  emits: readonly string[];
}

export function placeOf(tree: Tree, { name, types, emits }: ConsumerOptions): Place {
  const port = freePortIn(tree.readText('apps/local/src/services.ts'));
  return { name, port, portVariable: namesOf(name).portVariable, types, emits };
}

/** Each file keeps its comments and its order: lines are added, and none is written anew. */
export function placeInPlatform(place: Place): Rule {
  const { name, port, types, emits } = place;
  const about = `takes ${types.join(', ')}`;
  const doc = `- \`apps/${name}\`, on port ${port}: ${about}${emits.length > 0 ? `; writes ${emits.join(', ')}` : ''}.`;
  const edits: Record<string, (text: string) => string> = {
    'config/eventhubs.json': (text) => addGroup(text, name),
    'nest-cli.json': (text) => addProject(text, name),
    'apps/local/src/services.ts': (text) => addService(text, { name, port, about }),
    'docker-compose.yml': (text) => addToCompose(text, place),
    '.env.example': (text) => addPortLine(text, place),
    'docs/consumers.md': (text) => addDocLine(text, doc),
  };
  return (tree) => {
    for (const [file, edit] of Object.entries(edits)) tree.overwrite(file, edit(tree.readText(file)));
  };
}
