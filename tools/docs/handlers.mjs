// Which consumer takes which events: read from the decorators of its handlers.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * @typedef {object} Handler
 * @property {string} app
 * @property {string} group its consumer group
 * @property {string[]} types event types; `*` is every one
 * @property {boolean} filtered whether an `@EventFilter` narrows it down
 * @property {unknown[]} filters what it says, as far as it is written out
 * @property {string} file
 */

/** @returns {Handler[]} in the order of the apps' names */
export function handlersIn(root = '.') {
  const apps = path.join(root, 'apps');
  return readdirSync(apps)
    .toSorted()
    .flatMap((app) => {
      const files = sourcesBelow(path.join(apps, app, 'src'));
      const parsed = files.map((file) => ({ file, source: parse(file) }));
      const group = parsed.map(({ source }) => groupIn(source)).find(Boolean) ?? app;
      return parsed.flatMap(({ file, source }) =>
        handlersOf(source, path.relative(root, file)).map((handler) => ({ app, group, ...handler })),
      );
    });
}

function sourcesBelow(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .toSorted();
}

const parse = (file) =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, /* setParentNodes */ true);

function each(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => each(child, visit));
}

/** `ConsumerModule.forRoot({ consumerGroup: 'name' })` */
function groupIn(source) {
  let group;
  each(source, (node) => {
    if (!ts.isPropertyAssignment(node) || node.name.getText() !== 'consumerGroup') return;
    if (ts.isStringLiteral(node.initializer)) group ??= node.initializer.text;
  });
  return group;
}

function handlersOf(source, file) {
  const found = [];
  each(source, (node) => {
    if (!ts.isMethodDeclaration(node)) return;
    const calls = (ts.getDecorators(node) ?? []).map(({ expression }) => expression);
    const named = (name) =>
      calls.find((call) => ts.isCallExpression(call) && call.expression.getText() === name);
    const pattern = named('EventPattern') ?? named('EventBatchPattern');
    if (!pattern) return;
    const types = typesIn(pattern.arguments[0], source, file);
    const filter = named('EventFilter');
    const filters = filter?.arguments[0] && valueOf(filter.arguments[0]);
    found.push({ types, filtered: filter !== undefined, filters: filters ?? [], file });
  });
  return found;
}

function typesIn(expression, source, file) {
  if (expression !== undefined) {
    if (ts.isStringLiteralLike(expression)) return [expression.text];
    if (ts.isArrayLiteralExpression(expression))
      return expression.elements.flatMap((element) => typesIn(element, source, file));
    if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression))
      return typesIn(expression.expression, source, file);
    if (ts.isIdentifier(expression)) {
      if (expression.text === 'ALL_TYPES') return ['*'];
      const constant = constantIn(source, expression.text);
      if (constant) return typesIn(constant, source, file);
    }
  }
  throw new Error(
    `${file}: the types of a handler cannot be read from the code; write them in the decorator, or in a constant of that file`,
  );
}

/** A literal's value; undefined of what is no literal. */
function valueOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(valueOf);
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const members = node.properties.filter(ts.isPropertyAssignment);
  return Object.fromEntries(members.map(({ name, initializer }) => [name.text, valueOf(initializer)]));
}

function constantIn(source, name) {
  let found;
  each(source, (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found ??= node.initializer;
  });
  return found;
}

/** The consumer groups that take a type. */
export const takersOf = (handlers, type) => [
  ...new Set(
    handlers.filter(({ types }) => types.includes(type) || types.includes('*')).map(({ group }) => group),
  ),
];
