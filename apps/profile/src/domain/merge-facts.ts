import { type Customer, type MergeMembers, type Values, valuesOf, atPaths } from '@app/contracts';
import type { CustomerContent, Fact } from './facts.js';

/** What became of one of the two, and how it is told. */
export interface MergeStep {
  type: 'CustomersMerged' | 'CustomersUnmerged';
  members: MergeMembers;
  /** Paths that got another value. */
  changed: string[];
  at: string;
}

/** The one fact of a merge, or of its revert, about one of the two customers. */
export function mergeFact(before: Customer, content: CustomerContent, step: MergeStep): Fact {
  const { type, members, changed, at } = step;
  const { id, version, createdAt } = before;
  const was = valuesOf(before);
  const previous: Values = new Map(changed.flatMap((path) => (was.has(path) ? [[path, was.get(path)]] : [])));
  return {
    type,
    changed,
    current: { ...content, id, version: version + 1, createdAt, updatedAt: at },
    previous: atPaths(previous),
    members,
  };
}
