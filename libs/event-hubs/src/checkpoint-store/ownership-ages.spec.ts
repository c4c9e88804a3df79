import { OwnershipAges } from './ownership-ages.js';

describe('the age of an ownership', () => {
  let now: number;
  let ages: OwnershipAges;
  beforeEach(() => {
    now = 1_000;
    ages = new OwnershipAges(() => now);
  });
  const look = (etag: string, age_ms: number) => ages.look([{ partition_id: '0', etag, age_ms }]).get('0');

  it('begins at the first look, whatever the database says', () => {
    expect(look('a', 60_000)).toBe(0);
    now += 1_000;
    expect(look('a', 61_000)).toBe(1_000);
  });

  it('is the database’s between two looks', () => {
    look('a', 0);
    now += 1_000;
    expect(look('b', 700)).toBe(700);
    now += 1_000;
    expect(look('b', 1_700)).toBe(1_700);
  });

  it('is not made more, nor less, by a clock that jumps', () => {
    look('a', 0);
    now += 1_000;
    expect(look('a', 3_600_000)).toBe(1_000);
    expect(look('b', 3_600_000)).toBe(0);
    now += 500;
    expect(look('c', 3_600_000)).toBe(500);
    now += 1_000;
    expect(look('c', -3_600_000)).toBe(1_500);
    expect(look('d', -3_600_000)).toBe(0);
  });
});
