/** A priority queue: the item with the lowest key first. */
export class Heap<T> {
  private readonly items: T[] = [];

  constructor(private readonly key: (item: T) => number) {}

  get size(): number {
    return this.items.length;
  }

  get first(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    const { items, key } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (key(items[parent] as T) <= key(item)) break;
      items[at] = items[parent] as T;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0) this.sink(last as T);
    return top;
  }

  clear(): void {
    this.items.length = 0;
  }

  private sink(item: T): void {
    const { items, key } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && key(items[child + 1] as T) < key(items[child] as T)) child++;
      if (key(items[child] as T) >= key(item)) break;
      items[at] = items[child] as T;
      at = child;
    }
    items[at] = item;
  }
}
