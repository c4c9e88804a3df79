import { strings } from '@angular-devkit/core';
import {
  apply,
  applyTemplates,
  chain,
  mergeWith,
  move,
  type Rule,
  type Tree,
  url,
} from '@angular-devkit/schematics';
import { wantedBy } from '@app/contracts';
import { eventNames, namesOf } from '../names.js';
import { formatBelow } from './format.js';
import { placeOf, placeInPlatform } from './place.js';
import { type ConsumerOptions, type ConsumerSchema, readOptions } from './read-options.js';
import { refuseWhatIsTaken } from './taken.js';

/** apps/NAME and all that names it. @throws {RefusedError} before anything is changed */
export function consumer(schema: ConsumerSchema): Rule {
  const options = readOptions(schema);
  return (tree: Tree) => {
    refuseWhatIsTaken(tree, options);
    const place = placeOf(tree, options);
    const app = `apps/${options.name}`;
    const variables = { ...strings, ...variablesOf(options, place.port) };
    const files = apply(url('../../files/consumer'), [applyTemplates(variables), move(app)]);
    const events = variables.emits.map((event) =>
      mergeWith(
        apply(url('../../files/emits'), [
          applyTemplates({ ...strings, ...event, name: options.name }),
          move(app),
        ]),
      ),
    );
    return chain([mergeWith(files), ...events, formatBelow(app), placeInPlatform(place)]);
  };
}

const quoted = (values: readonly string[]): string[] => values.map((value) => `'${value}'`);

function variablesOf({ name, types, filters, emits }: ConsumerOptions, port: number) {
  const all = quoted(types);
  return {
    ...namesOf(name),
    port,
    types,
    pattern: all.length > 1 ? `[${all.join(', ')}]` : all[0],
    list: `[${all.join(', ')}]`,
    union: all.join(' | '),
    filters: filters.length > 0 ? JSON.stringify(filters) : '',
    wanted: JSON.stringify(wantedBy(filters)),
    emits: emits.map(eventNames),
    stamp: String(Date.now()),
  };
}
