import { judge, type Likeness } from './likeness.js';

const nothing: Likeness = { email: false, phone: false, birthDate: undefined, name: 0, address: 0 };
const score = (likeness: Partial<Likeness>): number => judge({ ...nothing, ...likeness })?.score ?? 0;

describe('how likely two customers are one', () => {
  it.each<[string, Partial<Likeness>]>([
    ['nothing in common', {}],
    ['a name alone', { name: 1 }],
    ['an address alone, as neighbours have it', { address: 1, birthDate: true }],
    ['a name that is not similar at the same address', { name: 0.3, address: 1 }],
  ])('is not said of %s', (_, likeness) => expect(judge({ ...nothing, ...likeness })).toBeUndefined());

  it('says why', () => {
    expect(judge({ email: true, phone: false, birthDate: undefined, name: 0.876, address: 0.2 })).toEqual({
      score: 0.86,
      reasons: [{ reason: 'same-email' }, { reason: 'similar-name', similarity: 0.88 }],
    });
  });

  it('grows with every reason, and halves with another birth date', () => {
    const steps = [
      score({ name: 0.6, address: 0.6 }),
      score({ name: 1, address: 0.9 }),
      score({ name: 1, address: 0.9, birthDate: true }),
      score({ name: 1, address: 0.9, birthDate: true, phone: true }),
      score({ name: 1, address: 1, birthDate: true, phone: true, email: true }),
    ];
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.at(-1)).toBeLessThanOrEqual(1);
    expect(score({ phone: true, birthDate: false })).toBeCloseTo(score({ phone: true }) / 2, 2);
  });
});
