import type { Customer } from './customer.js';

/**
 * A customer's values one by one, each under the path that `data.changed` names it by: `email`, `addresses.home`,
 * `preferences.language`, `consents.marketing`. Behind the first dot comes the name, dots and all.
 */
export type Values = Map<string, unknown>;

const single = ['title', 'givenName', 'familyName', 'email', 'phone', 'birthDate'] as const;
const grouped = ['addresses', 'preferences', 'consents'] as const;

/** Identity, version and times are no values of a person's. */
export function valuesOf(customer: Partial<Customer>): Values {
  const values: Values = new Map();
  const add = (path: string, value: unknown): void => {
    if (value !== undefined) values.set(path, value);
  };
  for (const member of single) add(member, customer[member]);
  for (const member of grouped)
    for (const [name, value] of Object.entries(customer[member] ?? {})) add(`${member}.${name}`, value);
  return values;
}

/** The same customer with other values at some paths; undefined takes a value away. */
export function withValues<T extends Partial<Customer>>(customer: T, changes: Values): T {
  const result: Record<string, unknown> = { ...customer };
  for (const [path, value] of changes) {
    const group = grouped.find((member) => path.startsWith(`${member}.`));
    if (group === undefined) put(result, path, value);
    else result[group] = put({ ...(result[group] as object) }, path.slice(group.length + 1), value);
  }
  return result as T;
}

/** Only the values at some paths, as a part of a customer. */
export function atPaths(values: Values): Partial<Customer> {
  return withValues({}, values);
}

function put(target: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  if (value === undefined) Reflect.deleteProperty(target, name);
  else target[name] = value;
  return target;
}
