// examples/python-consumer/customer_events.py: the payloads as TypedDicts, from the published JSON Schemas.
import { exampleOf, jsonSchemaOf } from '../../libs/contracts/dist/index.js';

const scalars = { string: 'str', integer: 'int', number: 'float', boolean: 'bool', null: 'None' };

/** Collects the classes of the objects on its way, those within before those that name them. */
function typeOf(schema, name, classes) {
  if (schema.const !== undefined)
    return `Literal[${schema.const === true ? 'True' : JSON.stringify(schema.const)}]`;
  if (schema.enum) return `Literal[${schema.enum.map((value) => JSON.stringify(value)).join(', ')}]`;
  if (schema.anyOf) return [...new Set(schema.anyOf.map((one) => typeOf(one, name, classes)))].join(' | ');
  if (schema.type === 'array') return `list[${typeOf(schema.items, `${name}Item`, classes)}]`;
  if (schema.type === 'object' && schema.properties) return classOf(schema, name, classes);
  if (schema.type === 'object') return `dict[str, ${typeOf(schema.additionalProperties, name, classes)}]`;
  return scalars[schema.type];
}

const named = {
  home: 'Address',
  billing: 'Address',
  shipping: 'Address',
  consents: 'Consent',
  current: 'Customer',
};

function classOf({ properties, required = [] }, name, classes) {
  const members = Object.entries(properties).map(([member, schema]) => {
    const within = named[member] ?? member.charAt(0).toUpperCase() + member.slice(1);
    const type = member === 'previous' ? 'dict' : typeOf(schema, within, classes);
    return `    ${member}: ${required.includes(member) ? type : `NotRequired[${type}]`}`;
  });
  classes.set(name, `class ${name}(TypedDict):\n${members.join('\n')}\n`);
  return name;
}

export function pythonTypes() {
  const classes = new Map();
  typeOf(jsonSchemaOf('AddressChanged', 'opened'), 'OpenedData', classes);
  typeOf(jsonSchemaOf('CustomersMerged', 'opened'), 'MergedData', classes);
  typeOf(jsonSchemaOf('CustomerErased', 'sealed'), 'ErasedData', classes);
  const text = `"""What is in \`data\` of an event, opened. Made by \`npm run update:docs\` from libs/contracts/published.

Version 1 of ${exampleOf('AddressChanged').source}'s events; members that are not named here may come any day.
"""

from typing import Literal, NotRequired, TypedDict


${[...classes.values()].join('\n\n')}`;
  return { 'examples/python-consumer/customer_events.py': text };
}
