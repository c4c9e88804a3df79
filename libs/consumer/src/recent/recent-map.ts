/**
 * What was used last, in bounded memory: between half of `capacity` and all of it. Entries go by halves and not one by
 * one: a Map keeps a gap for what was deleted, and to find its oldest entry walks over all gaps before it, which at
 * thousands of events a second costs more than what it is for.
 */
export class RecentMap<Key, Value> {
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();
  private readonly half: number;

  constructor(capacity: number) {
    this.half = Math.max(1, Math.floor(capacity / 2));
  }

  /** Counts as a use. */
  get(key: Key): Value | undefined {
    const known = this.young.get(key);
    if (known !== undefined) return known;
    const found = this.old.get(key);
    if (found !== undefined) {
      this.old.delete(key);
      this.set(key, found);
    }
    return found;
  }

  set(key: Key, value: Value): void {
    if (this.young.size >= this.half && !this.young.has(key)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }

  delete(key: Key): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }

  get size(): number {
    return this.young.size + this.old.size;
  }
}
