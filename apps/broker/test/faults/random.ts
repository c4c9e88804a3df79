import { randomInt } from 'node:crypto';

/** A seeded generator (mulberry32): a run is repeated by `SEED=`. */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 to 1, 1 excluded. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  shuffle<T>(list: readonly T[]): T[] {
    const keyed = list.map((item) => ({ item, key: this.next() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }
}

/** The seed of this run: from `SEED=`, or any. Printed, so that a failure can be repeated. */
export function seedOf(what: string): number {
  const given = process.env['SEED'];
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
  if (!Number.isInteger(seed)) throw new Error(`SEED=${given} is no whole number`);
  process.stdout.write(`${what}: SEED=${seed}\n`);
  return seed;
}

/** How much work a run does: from an environment variable for a soak, or what fits CI. */
export function sizeOf(variable: string, inCi: number): number {
  const size = Number(process.env[variable] ?? inCi);
  if (!Number.isInteger(size) || size < 1) throw new Error(`${variable}=${process.env[variable]} is no size`);
  return size;
}
