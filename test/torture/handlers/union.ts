import { randomUUID } from 'node:crypto';
import type { Customer, EventType, MergeMembers, SealingKey } from '@app/contracts';
import * as fc from 'fast-check';
import { eventOf } from '../../../apps/profile/src/domain/event.js';
import type { Fact } from '../../../apps/profile/src/domain/facts.js';
import { takenFrom, undo, withTaken } from '../../../apps/profile/src/domain/merge.js';
import { mergeFact } from '../../../apps/profile/src/domain/merge-facts.js';
import type { KeyRing } from '@app/testing/consumer';
import type { Story } from './story.js';

/** What becomes of two customers: one is merged into the other, which may change then, and may come back. */
export interface Union {
  survivor: number;
  duplicate: number;
  /** Changes of the survivor's name while the two are one. */
  changes: number;
  reverted: boolean;
}

export const aUnion: fc.Arbitrary<Union> = fc.record({
  survivor: fc.nat(2),
  duplicate: fc.nat(2),
  changes: fc.nat(2),
  reverted: fc.boolean(),
});

const at = '2026-01-02T00:00:00.000Z';

/** Tells of it on both streams, as profile does; of nothing where there are no two such customers. */
export function unite(stories: readonly Story[], union: Union, keys: KeyRing): void {
  const [survivor, duplicate] = [stories[union.survivor], stories[union.duplicate]];
  if (!survivor || !duplicate || survivor === duplicate) return;
  const ids = { mergeId: randomUUID(), survivorId: survivor.id, duplicateId: duplicate.id };
  const taken = takenFrom(stateOf(duplicate), stateOf(survivor));
  const values = new Map(taken.map(({ path, value }) => [path, value]));
  const lent = [{ customerId: duplicate.id, key: keys.keyOf(duplicate.id), values }];
  const own = { own: keys.keyOf(survivor.id), lent };
  const theirs = { own: keys.keyOf(duplicate.id), lent: [] };
  const both = (type: MergeType, content: Content, changed: string[]): void => {
    const members = (role: MergeMembers['role']) => ({ role, ...ids });
    tell(
      survivor,
      own,
      mergeFact(stateOf(survivor), content, { type, at, changed, members: members('survivor') }),
    );
    const before = stateOf(duplicate);
    tell(
      duplicate,
      theirs,
      mergeFact(before, before, { type, at, changed: [], members: members('duplicate') }),
    );
  };

  both('CustomersMerged', withTaken(stateOf(survivor), taken), [...values.keys()]);
  duplicate.mergedAway = true;
  for (let n = 0; n < union.changes; n++) tell(survivor, own, renamed(stateOf(survivor)));
  if (!union.reverted) return;
  const { content, restored } = undo(stateOf(survivor), { id: ids.mergeId, taken }, []);
  both('CustomersUnmerged', content, restored);
  duplicate.mergedAway = false;
  tell(duplicate, theirs, renamed(stateOf(duplicate)));
}

type MergeType = Extract<EventType, 'CustomersMerged' | 'CustomersUnmerged'>;
type Content = Parameters<typeof mergeFact>[1];

const stateOf = ({ states }: Story): Customer => states.at(-1) as Customer;

function tell(story: Story, key: SealingKey, fact: Fact): void {
  story.states.push(fact.current);
  story.events.push(eventOf(fact, key));
}

function renamed(before: Customer): Fact {
  const version = before.version + 1;
  const current = { ...before, version, familyName: `Version${version}`, updatedAt: at };
  const previous = { familyName: before.familyName };
  return { type: 'CustomerNameChanged', changed: ['familyName'], current, previous };
}
