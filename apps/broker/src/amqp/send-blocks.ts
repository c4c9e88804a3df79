const MIN_BYTES = 16 * 1024;
const MAX_BYTES = 256 * 1024;
/** Of the blocks that wait to be used again. */
const KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Memory for what is on its way to clients, used again and again: the garbage collector is late to see what
 * lies outside of its heap, and fresh pages cost more than what is written to them. A block is half full at
 * least, so that unsent bytes, which are bounded, bound the blocks that are out.
 */
export class SendBlocks {
  private readonly free = new Map<number, Buffer[]>();
  private held = 0;

  /** Bytes of the blocks that wait to be used again. */
  get bytes(): number {
    return this.held;
  }

  /** A buffer of so many bytes or more, with anything in it. */
  take(bytes: number): Buffer {
    const size = sizeFor(bytes);
    if (size === undefined) return Buffer.allocUnsafeSlow(bytes);
    const block = this.free.get(size)?.pop();
    if (block === undefined) return Buffer.allocUnsafeSlow(size);
    this.held -= size;
    return block;
  }

  /** Nobody reads the buffer any more. */
  giveBack(block: Buffer): void {
    const size = block.length;
    if (sizeFor(size) !== size || this.held + size > KEPT_BYTES) return;
    const free = this.free.get(size) ?? [];
    if (free.includes(block)) throw new Error('a block was given back twice');
    this.free.set(size, free);
    free.push(block);
    this.held += size;
  }
}

/** The power of two that takes so many bytes; undefined = they get a buffer of their own. */
function sizeFor(bytes: number): number | undefined {
  if (bytes <= MIN_BYTES / 2 || bytes > MAX_BYTES) return undefined;
  return Math.max(2 ** Math.ceil(Math.log2(bytes)), MIN_BYTES);
}
