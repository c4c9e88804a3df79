import type { Rule, Tree } from '@angular-devkit/schematics';
import { removeFromCompose } from '../edits/compose.js';
import { removeGroup } from '../edits/event-hubs-config.js';
import { removeDocLine, removePortLine } from '../edits/lists.js';
import { removeProject } from '../edits/nest-cli.js';
import { entriesIn, removeService } from '../edits/services.js';
import { namesOf } from '../names.js';
import { platformParts } from '../platform-parts.js';
import { RefusedError } from '../refused.error.js';

/** Takes back what the schematic `consumer` made. @throws {RefusedError} before anything is changed */
export function removeConsumer({ name }: { name: string }): Rule {
  return (tree: Tree) => {
    refuse(tree, name);
    const edits: Record<string, (text: string) => string> = {
      'config/eventhubs.json': (text) => removeGroup(text, name),
      'nest-cli.json': (text) => removeProject(text, name),
      'apps/local/src/services.ts': (text) => removeService(text, name),
      'docker-compose.yml': (text) => removeFromCompose(text, name),
      '.env.example': (text) => removePortLine(text, namesOf(name).portVariable),
      'docs/consumers.md': (text) => removeDocLine(text, name),
    };
    for (const [file, edit] of Object.entries(edits)) {
      const [before, after] = [tree.readText(file), edit(tree.readText(file))];
      if (after !== before) tree.overwrite(file, after);
    }
    tree.delete(`apps/${name}`);
  };
}

function refuse(tree: Tree, name: string): void {
  if (platformParts.includes(name)) throw new RefusedError(`${name} is a part of the platform: it stays`);
  const consumers = entriesIn(tree.readText('apps/local/src/services.ts'))
    .map((entry) => entry.name)
    .filter((one) => !platformParts.includes(one));
  if (!consumers.includes(name) || !tree.getDir('apps').subdirs.some((dir) => dir === name))
    throw new RefusedError(
      `there is no consumer ${name}${consumers.length > 0 ? `; there is ${consumers.join(', ')}` : ''}. Nothing has been changed`,
    );
}
