import type { Customer } from '@app/contracts';
import type { Fact } from '../domain/facts.js';

const identity = new Set(['id', 'version', 'createdAt', 'updatedAt']);

/** A customer as it is, told anew: what CustomerAdded would say of it today, at the version that it has. */
export function stateOf(current: Customer): Fact {
  const changed = Object.entries(current)
    .filter(([member, value]) => !identity.has(member) && !isEmpty(value))
    .map(([member]) => member);
  return { type: 'CustomerAdded', changed, current, previous: {} };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
