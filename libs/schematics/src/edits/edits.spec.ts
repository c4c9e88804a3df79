import { readFileSync } from 'node:fs';
import path from 'node:path';
import { addToCompose, composeServicesIn, removeFromCompose } from './compose.js';
import { addGroup, groupNamesIn, removeGroup } from './event-hubs-config.js';
import { addDocLine, addPortLine, removeDocLine, removePortLine } from './lists.js';
import { addProject, projectNamesIn, removeProject } from './nest-cli.js';
import { addService, entriesIn, freePortIn, removeService } from './services.js';

const root = path.join(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const place = { name: 'loyalty', port: 3010, portVariable: 'LOYALTY_PORT' };

interface Edit {
  file: string;
  add: (text: string, name: string) => string;
  remove: (text: string, name: string) => string;
  names: (text: string) => string[];
}

const variableOf = (name: string) => `${name.toUpperCase()}_PORT`;
const edits: Edit[] = [
  { file: 'config/eventhubs.json', add: addGroup, remove: removeGroup, names: groupNamesIn },
  { file: 'nest-cli.json', add: addProject, remove: removeProject, names: projectNamesIn },
  {
    file: 'apps/local/src/services.ts',
    add: (text, name) => addService(text, { ...place, name, about: 'x' }),
    remove: removeService,
    names: (text) => entriesIn(text).map(({ name }) => name),
  },
  {
    file: 'docker-compose.yml',
    add: (text, name) => addToCompose(text, { ...place, name }),
    remove: removeFromCompose,
    names: composeServicesIn,
  },
  {
    file: '.env.example',
    add: (text, name) => addPortLine(text, { name, port: 3010, portVariable: variableOf(name) }),
    remove: (text, name) => removePortLine(text, variableOf(name)),
    names: (text) => [...text.matchAll(/^(\w+)_PORT=/gm)].map(([, name]) => String(name).toLowerCase()),
  },
  {
    file: 'docs/consumers.md',
    add: (text, name) => addDocLine(text, `- \`apps/${name}\`, on port 3010: x.`),
    remove: removeDocLine,
    names: (text) => [...text.matchAll(/^- `apps\/(\w+)`/gm)].map(([, name]) => String(name)),
  },
];

describe.each(edits)('$file', ({ file, add, remove, names }) => {
  const before = read(file);

  it('has the consumer once it is added, and else what it had, comments and order included', () => {
    const after = add(before, 'loyalty');
    expect(names(after)).toEqual(expect.arrayContaining([...names(before), 'loyalty']));
    const added = after.split('\n').filter((line) => !before.split('\n').includes(line));
    expect(added.join('\n')).toMatch(/loyalty/i);
  });

  it('is the same byte by byte once the consumer is taken away, in whatever order', () => {
    const two = add(add(before, 'loyalty'), 'bonus');
    expect(remove(remove(two, 'loyalty'), 'bonus')).toBe(before);
    expect(remove(remove(two, 'bonus'), 'loyalty')).toBe(before);
    expect(remove(before, 'loyalty')).toBe(before);
  });
});

describe('the 21st consumer group', () => {
  it('is refused, and told of event-grid', () => {
    let text = read('config/eventhubs.json');
    for (let n = groupNamesIn(text).length; n < 20; n++) text = addGroup(text, `group-${n}`);
    expect(() => addGroup(text, 'loyalty')).toThrow(/20 consumer groups.*event-grid.*event-subscriptions/);
  });
});

it('a port is the first that no service has', () => {
  const text = read('apps/local/src/services.ts');
  const port = freePortIn(text);
  expect(port).toBeGreaterThanOrEqual(3010);
  expect(freePortIn(addService(text, { name: 'loyalty', port, about: 'x' }))).toBe(port + 1);
});
