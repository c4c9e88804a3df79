import { isDeepStrictEqual } from 'node:util';
import { type Consent, type Customer, type Values, valuesOf, withValues } from '@app/contracts';
import type { CustomerContent } from './facts.js';

/** A value that a merge gave to the survivor. */
export interface Taken {
  path: string;
  value: unknown;
  /** What the survivor had there; absent where it had nothing. */
  before?: unknown;
}

/**
 * What a survivor takes of a duplicate. Its own values win, whatever the duplicate says, and the duplicate's fill the
 * gaps: each address, each preference and each consent is one value. Only a consent that the duplicate's person has
 * withdrawn wins over one that is granted: who said no once is not asked twice.
 */
export function takenFrom(duplicate: Customer, survivor: Customer): Taken[] {
  const own = valuesOf(survivor);
  return [...valuesOf(duplicate)].flatMap(([path, value]): Taken[] => {
    const before = own.get(path);
    if (before === undefined) return [{ path, value }];
    return isWithdrawal(path, before, value) ? [{ path, value, before }] : [];
  });
}

export function withTaken(survivor: Customer, taken: readonly Taken[]): CustomerContent {
  return withValues(survivor, new Map(taken.map(({ path, value }) => [path, value])));
}

/** A merge that is in force, with what it gave. */
export interface MergeInForce {
  id: string;
  taken: readonly Taken[];
}

export interface Undone {
  content: CustomerContent;
  /** Paths that have again what they had before the merge. */
  restored: string[];
  /** Paths where something else was written since: what was written stays. */
  kept: string[];
  /** Later merges that must know what lies under their values now. */
  later: MergeInForce[];
}

/**
 * Takes back what a merge gave. Where the survivor's value is still the merge's, the value of before returns; what was
 * written since stays; where a later merge put its value on top, that merge inherits the value of before for its own
 * revert. So merges can be reverted in any order, and all of them leave what was there before the first.
 */
export function undo(survivor: Customer, merge: MergeInForce, later: readonly MergeInForce[]): Undone {
  const now = valuesOf(survivor);
  const changes: Values = new Map();
  const kept: string[] = [];
  let rest = [...later];
  for (const { path, value, before } of merge.taken) {
    const above = rest.find(({ taken }) => taken.some((one) => one.path === path));
    if (!above && isDeepStrictEqual(now.get(path), value)) changes.set(path, before);
    else if (above && isDeepStrictEqual(givenOver(above, path), value))
      rest = rest.map((one) => (one === above ? inheriting(one, path, before) : one));
    else if (!isDeepStrictEqual(now.get(path), before)) kept.push(path);
  }
  const touched = rest.filter((one) => !later.includes(one));
  return { content: withValues(survivor, changes), restored: [...changes.keys()], kept, later: touched };
}

const givenOver = ({ taken }: MergeInForce, path: string): unknown =>
  taken.find((one) => one.path === path)?.before;

function inheriting(merge: MergeInForce, path: string, before: unknown): MergeInForce {
  const taken = merge.taken.map(({ before: former, ...one }): Taken => {
    const below = one.path === path ? before : former;
    return below === undefined ? one : { ...one, before: below };
  });
  return { ...merge, taken };
}

function isWithdrawal(path: string, survivor: unknown, duplicate: unknown): boolean {
  return path.startsWith('consents.') && (survivor as Consent).granted && !(duplicate as Consent).granted;
}
