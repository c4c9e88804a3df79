/** A seeded source of chance (mulberry32): the same seed gives the same run, as far as the machine's timing allows. */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  shuffle<T>(list: readonly T[]): T[] {
    const keyed = list.map((item) => ({ item, key: this.next() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }

  /** A source of its own for a part of the run, so that parts do not take each other's numbers. */
  fork(): Random {
    return new Random(this.below(2 ** 32));
  }
}

/** SEED= of the environment, or a new one: a run that takes another path each time names it, so that it can be repeated. */
export function seedOfRun(): number {
  const told = process.env['SEED'];
  if (told === undefined || told === '') return Math.floor(Math.random() * 2 ** 31);
  const seed = Number(told);
  if (!Number.isSafeInteger(seed)) throw new Error(`SEED must be a whole number, not ${told}`);
  return seed;
}
