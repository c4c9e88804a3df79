import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { RefusedError } from '../refused.error.js';
import { insertLines, removeLines } from './lines.js';

function projectsIn(text: string): { property: Node; name: string; type: unknown }[] {
  const root = parseTree(text);
  const projects = root && findNodeAtLocation(root, ['projects']);
  if (!projects?.children) throw new RefusedError('nest-cli.json has no projects');
  return projects.children.flatMap((property) => {
    const [key, value] = property.children ?? [];
    if (!key || !value) return [];
    return [{ property, name: String(key.value), type: findNodeAtLocation(value, ['type'])?.value }];
  });
}

export const projectNamesIn = (text: string): string[] => projectsIn(text).map(({ name }) => name);

/** The last of the apps, before the libs. */
export function addProject(text: string, name: string): string {
  const before = projectsIn(text).find(({ type }) => type === 'library');
  if (!before) throw new RefusedError('nest-cli.json has no libs: where do the apps end?');
  const project = {
    type: 'application',
    root: `apps/${name}`,
    entryFile: 'main',
    sourceRoot: `apps/${name}/src`,
    compilerOptions: { tsConfigPath: 'tsconfig.json' },
  };
  const lines = `"${name}": ${JSON.stringify(project, undefined, 2)},`.replaceAll(/^/gm, '    ');
  return insertLines(text, before.property.offset, `${lines}\n`);
}

export function removeProject(text: string, name: string): string {
  const found = projectsIn(text).find((project) => project.name === name)?.property;
  return found ? removeLines(text, found.offset, found.offset + found.length) : text;
}
