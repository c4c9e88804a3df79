import ts from 'typescript';
import { RefusedError } from '../refused.error.js';
import { insertLines, removeLines } from './lines.js';

interface Entry {
  name: string;
  port: number;
  start: number;
  end: number;
}

/** The elements of `services` in apps/local/src/services.ts. */
export function entriesIn(text: string): Entry[] {
  const source = ts.createSourceFile('services.ts', text, ts.ScriptTarget.Latest, true);
  const entries: Entry[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'services') {
      let list = node.initializer;
      while (list && (ts.isAsExpression(list) || ts.isSatisfiesExpression(list))) list = list.expression;
      if (list && ts.isArrayLiteralExpression(list)) entries.push(...list.elements.flatMap(entryOf));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  if (entries.length === 0) throw new RefusedError('apps/local/src/services.ts has no list of services');
  return entries;
}

function entryOf(node: ts.Expression): Entry[] {
  if (!ts.isObjectLiteralExpression(node)) return [];
  const valueOf = (name: string): string => {
    const member = node.properties.find((one) => one.name?.getText() === name);
    return member && ts.isPropertyAssignment(member) ? member.initializer.getText() : '';
  };
  return [
    {
      name: valueOf('name').slice(1, -1),
      port: Number(valueOf('port').replaceAll('_', '')),
      start: node.getStart(),
      end: node.getEnd(),
    },
  ];
}

/** The first port from 3010 on that no service has. */
export function freePortIn(text: string): number {
  const taken = new Set(entriesIn(text).map(({ port }) => port));
  let port = 3010;
  while (taken.has(port)) port++;
  return port;
}

export function addService(
  text: string,
  { name, port, about }: { name: string; port: number; about: string },
) {
  const entries = entriesIn(text);
  const before = entries.find((entry) => entry.name === 'console') ?? entries.at(-1);
  if (!before) throw new RefusedError('apps/local/src/services.ts has no list of services');
  const lines = [
    '{',
    `  name: '${name}',`,
    `  port: ${port},`,
    '  keeps: true,',
    '  scopes: consumer,',
    `  about: '${about}',`,
    '},',
  ];
  return insertLines(text, before.start, `${lines.map((line) => `  ${line}`).join('\n')}\n`);
}

export function removeService(text: string, name: string): string {
  const found = entriesIn(text).find((entry) => entry.name === name);
  return found ? removeLines(text, found.start, found.end) : text;
}
