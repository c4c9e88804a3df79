import { type Customer, valuesOf, withValues } from '@app/contracts';
import * as fc from 'fast-check';
import { type MergeInForce, takenFrom, undo, withTaken } from './merge.js';

const at = '2026-01-01T00:00:00Z';
const granted = { granted: true, at };
const withdrawn = { granted: false, at };
const customer = (content: Partial<Customer>): Customer => ({
  id: 'c',
  version: 1,
  accountNumber: 'A1',
  givenName: 'Kari',
  familyName: 'Nordmann',
  addresses: {},
  preferences: {},
  consents: {},
  createdAt: at,
  updatedAt: at,
  ...content,
});
const home = { line1: 'Storgata 1', city: 'Oslo', country: 'NO' };

describe('what a survivor takes of a duplicate', () => {
  it('fills its gaps, and keeps what it has', () => {
    const survivor = customer({
      email: 'own@example.org',
      addresses: { home },
      preferences: { language: 'no' },
    });
    const duplicate = customer({
      title: 'Ms',
      email: 'other@example.org',
      phone: '555 0100',
      addresses: { home: { ...home, line1: 'Elsewhere 2' }, billing: home },
      preferences: { language: 'en', 'news.weekly': true },
    });
    const taken = takenFrom(duplicate, survivor);
    expect(taken.map(({ path }) => path)).toEqual([
      'title',
      'phone',
      'addresses.billing',
      'preferences.news.weekly',
    ]);
    expect(withTaken(survivor, taken)).toEqual({
      ...survivor,
      title: 'Ms',
      phone: '555 0100',
      addresses: { home, billing: home },
      preferences: { language: 'no', 'news.weekly': true },
    });
  });

  it.each([
    ['granted', 'withdrawn', granted, withdrawn, withdrawn],
    ['withdrawn', 'granted', withdrawn, granted, withdrawn],
    ['granted', 'granted', granted, { ...granted, source: 'other' }, granted],
    ['unsaid', 'granted', undefined, granted, granted],
  ])(
    'of a consent that is %s here and %s there, lets the withdrawn one win',
    (_here, _there, own, theirs, result) => {
      const survivor = customer({ consents: own ? { marketing: own } : {} });
      const duplicate = customer({ consents: { marketing: theirs } });
      const { consents } = withTaken(survivor, takenFrom(duplicate, survivor));
      expect(consents).toEqual({ marketing: result });
    },
  );
});

describe('a revert', () => {
  const survivor = customer({ consents: { marketing: granted } });
  const duplicate = customer({ phone: '1', email: 'd@example.org', consents: { marketing: withdrawn } });
  const merge: MergeInForce = { id: 'm', taken: takenFrom(duplicate, survivor) };
  const merged = customer(withTaken(survivor, merge.taken));

  it('restores what was there before', () => {
    expect(undo(merged, merge, []).content).toEqual(survivor);
    expect(undo(merged, merge, []).kept).toEqual([]);
  });

  it('keeps what was written since, and names it', () => {
    const { content, restored, kept } = undo({ ...merged, phone: '2', title: 'Dr' }, merge, []);
    expect(content).toEqual({ ...survivor, phone: '2', title: 'Dr' });
    expect(kept).toEqual(['phone']);
    expect(restored).toEqual(['email', 'consents.marketing']);
  });

  it('has nothing to say of a value that was taken away since, because there was none before', () => {
    const { phone: _phone, ...rest } = merged;
    expect(undo(rest, merge, [])).toMatchObject({ content: survivor, kept: [] });
  });

  it('leaves to a later merge the value that it put on top, and hands down what lies beneath', () => {
    const first: MergeInForce = {
      id: '1',
      taken: takenFrom(customer({ consents: { x: granted } }), survivor),
    };
    const after = customer(withTaken(survivor, first.taken));
    const second: MergeInForce = {
      id: '2',
      taken: takenFrom(customer({ consents: { x: withdrawn } }), after),
    };
    const both = customer(withTaken(after, second.taken));
    const undone = undo(both, first, [second]);
    expect(undone.content).toEqual(both);
    expect(undo(customer(undone.content), undone.later[0] as MergeInForce, []).content).toEqual(survivor);
  });
});

describe('merges and reverts', () => {
  const value = fc.constantFrom('a', 'b', 'c');
  const address = value.map((line1) => ({ ...home, line1 }));
  const consent = fc.record({ granted: fc.boolean(), at: fc.constant(at) });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.record({ x: arbitrary, y: arbitrary }, { requiredKeys: [] });
  const content = fc
    .record(
      {
        title: value,
        email: value,
        phone: value,
        addresses: fc.record({ home: address, billing: address }, { requiredKeys: [] }),
        preferences: maybe(value),
        consents: maybe(consent),
      },
      { requiredKeys: [] },
    )
    .map((some) => customer({ ...some, ...dated(some.consents) }));
  const dated = (consents?: Record<string, { granted: boolean; at: string }>) =>
    consents ? { consents } : {};
  const edit = fc.record({
    after: fc.nat(5),
    path: fc.constantFrom('email', 'phone', 'preferences.x'),
    to: value,
  });

  it('in any order leave what was there before', () => {
    fc.assert(
      fc.property(
        content,
        fc.array(content, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (own, others, turns) => {
          const { state, merges } = mergeAll(own, others);
          expect(revertAll(state, merges, turns).state).toEqual(own);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('leave what was written in between as it was written, whatever comes and goes beneath', () => {
    fc.assert(
      fc.property(
        content,
        fc.array(content, { minLength: 1, maxLength: 4 }),
        edit,
        fc.infiniteStream(fc.nat()),
        (own, others, { path, to }, turns) => {
          const { state, merges } = mergeAll(own, others);
          const written = `${to} written`;
          const edited = withValues(state, new Map([[path, written]]));
          const { state: result, kept } = revertAll(edited, merges, turns);
          expect(result).toEqual(withValues(own, new Map([[path, written]])));
          expect(kept.every((one) => one === path)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  function mergeAll(own: Customer, others: readonly Customer[]) {
    let state = own;
    const merges = others.map((other, index): MergeInForce => {
      const merge = { id: String(index), taken: takenFrom(other, state) };
      state = customer(withTaken(state, merge.taken));
      return merge;
    });
    return { state, merges };
  }

  function revertAll(merged: Customer, merges: readonly MergeInForce[], turns: fc.Stream<number>) {
    let [state, left] = [merged, [...merges]];
    const kept: string[] = [];
    while (left.length > 0) {
      const index = (turns.next().value ?? 0) % left.length;
      const undone = undo(state, left[index] as MergeInForce, left.slice(index + 1));
      state = customer(undone.content);
      kept.push(...undone.kept);
      left = left.toSpliced(index, 1).map((one) => undone.later.find(({ id }) => id === one.id) ?? one);
    }
    expect([...valuesOf(state).values()]).not.toContain(undefined);
    return { state, kept };
  }
});
