// docs/events.md: every event, who writes it, who takes it, what is in it.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  aboutEvent,
  accessEventType,
  accessJsonSchema,
  eventTypes,
  exampleOf,
  jsonSchemaOf,
  latestVersionOf,
  publishedForm,
} from '../../libs/contracts/dist/index.js';
import { publishedFolder } from './contracts.mjs';
import { takersOf } from './handlers.mjs';

const list = (names) => (names.length > 0 ? names.map((name) => `\`${name}\``).join(', ') : 'nobody');
const block = (value) => `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\``;

/** Events that the services write themselves, declared by `ownEvent` in apps/NAME/src/events. */
async function ownEvents() {
  const events = [];
  for (const app of readdirSync('apps').toSorted()) {
    const dir = path.resolve('apps', app, 'dist/events');
    if (!existsSync(dir)) continue;
    for (const file of readdirSync(dir)
      .filter((name) => name.endsWith('.event.js'))
      .toSorted()) {
      const module = await import(pathToFileURL(path.join(dir, file)).href);
      for (const event of Object.values(module)) events.push({ app, ...event });
    }
  }
  return events;
}

/** Rows of a schema's members, those within them below; a customer is told of once. */
function rowsOf(schema, at = '', required = true) {
  const { properties, items, anyOf, additionalProperties } = schema;
  const form = anyOf?.find((one) => one.type === 'object' || one.properties) ?? schema;
  const rows = at === '' ? [] : [[at, typeOf(schema), required ? 'yes' : '', schema.description ?? '']];
  if (at.endsWith('personal.current') || at.endsWith('personal.previous')) {
    rows[0][1] = at.endsWith('current')
      ? '[a customer](#a-customer)'
      : 'members of [a customer](#a-customer)';
    return rows;
  }
  const below = (name) => (at === '' ? name : `${at}.${name}`);
  for (const [name, member] of Object.entries(form.properties ?? properties ?? {}))
    rows.push(...rowsOf(member, below(name), (form.required ?? []).includes(name)));
  if (items?.properties) rows.push(...rowsOf(items, `${at}[]`));
  if (additionalProperties?.properties) rows.push(...rowsOf(additionalProperties, `${at}.*`, false));
  return rows;
}

function typeOf({ type, format, enum: values, const: constant, anyOf, items, maxLength }) {
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (values) return values.map((value) => `\`${value}\``).join(' or ');
  if (items) return `list of ${typeOf(items)}`;
  return [format ?? type, maxLength && `≤ ${maxLength}`].filter(Boolean).join(', ');
}

const table = (schema) =>
  ['| member | type | always there | |', '| --- | --- | --- | --- |']
    .concat(rowsOf(schema).map((row) => `| ${[`\`${row[0]}\``, ...row.slice(1)].join(' | ')} |`))
    .join('\n');

const schemaLinks = (type) =>
  Array.from({ length: latestVersionOf(type) }, (_, index) => {
    const file = (form) => `../${publishedFolder}/${type}/v${index + 1}${form}.json`;
    return `v${index + 1} ([as it travels](${file('')}), [opened](${file('.opened')}))`;
  }).join(', ');

function section(type, handlers) {
  const filtered = handlers.filter((handler) => handler.filtered && handler.types.includes(type));
  return [
    `## ${type}`,
    aboutEvent[type],
    `Written by \`profile\`. Taken by ${list(takersOf(handlers, type))}${filtered.length > 0 ? `, of them ${list(filtered.map(({ group }) => group))} with a filter` : ''}. Versions: ${schemaLinks(type)}.`,
    table(jsonSchemaOf(type, 'opened')),
    block(exampleOf(type)),
  ].join('\n\n');
}

function ownSection({ app, type, about, schema, example }, handlers) {
  return [
    `## ${type}`,
    about,
    `Written by \`${app}\`. Taken by ${list(takersOf(handlers, type))}.`,
    table(publishedForm(schema)),
    block(example),
  ].join('\n\n');
}

/** @param {import('./handlers.mjs').Handler[]} handlers */
export async function catalogue(handlers) {
  const own = await ownEvents();
  const summary = [
    ...eventTypes.map((type) => [type, `v${latestVersionOf(type)}`, ['profile'], type]),
    [accessEventType, 'v1', ['profile'], accessEventType],
    ...own.map(({ type, app }) => [type, 'v1', [app], type]),
  ].map(
    ([type, version, from, anchor]) =>
      `| [${type}](#${anchor.toLowerCase()}) | ${version} | ${list(from)} | ${list(takersOf(handlers, type))} |`,
  );
  const { current } = exampleOf('AddressChanged').data.personal;
  const customer = jsonSchemaOf('AddressChanged', 'opened').properties.personal.anyOf[0].properties.current;
  const text = [
    '# Events',
    'Made by `npm run update:docs` from libs/contracts and from the handlers in the code; [what keeps them as they are](contracts.md).',
    'CloudEvents 1.0 in AMQP binary mode: attributes are application properties (`cloudEvents_type`), `data` is the JSON body. `data.personal` travels sealed, as one string; the tables say what a handler gets. Members that are not named here may come any day: pass them over.',
    ['| event | version | written by | taken by |', '| --- | --- | --- | --- |', ...summary].join('\n'),
    ...eventTypes.map((type) => section(type, handlers)),
    [
      `## ${accessEventType}`,
      'Somebody has seen personal data of the customer: an export, or a key. For the audit.',
      `Written by \`profile\`. Taken by ${list(takersOf(handlers, accessEventType))}.`,
      table(accessJsonSchema()),
    ].join('\n\n'),
    ...own.map((event) => ownSection(event, handlers)),
    [
      '## A customer',
      'The whole customer after the fact, in `personal.current`.',
      table(customer),
      block(current),
    ].join('\n\n'),
  ].join('\n\n');
  return { 'docs/events.md': `${text}\n` };
}
