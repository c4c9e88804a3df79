import type { Segment } from './segment.js';

interface Block {
  readonly bytes: Buffer;
  /** Undefined = it holds nothing. */
  segment: Segment | undefined;
  start: number;
  end: number;
  /** Settled once the read into it has ended, either way. */
  reading: Promise<unknown> | undefined;
}

const BLOCK_BYTES = 256 * 1024;

/**
 * What was read from disk last, checked, for all who read at the same place: bounded, and of memory that is
 * used again, because a garbage collector is late to see what lies outside of its heap. Its bytes must not
 * leave the turn in which they were looked at: readers copy them.
 */
export class BlockCache {
  /** The one used last stands last. */
  private readonly blocks: Block[] = [];
  private readonly max: number;

  constructor(maxBytes: number) {
    this.max = Math.max(Math.floor(maxBytes / BLOCK_BYTES), 1);
  }

  /** The whole records from an offset on that are here; undefined = none, see `fill`. */
  from(segment: Segment, offset: number): Buffer | undefined {
    const { blocks } = this;
    const i = blocks.findLastIndex((b) => b.segment === segment && b.start <= offset && offset < b.end);
    if (i === -1) return undefined;
    const block = blocks[i] as Block;
    this.usedLast(i, block);
    return block.bytes.subarray(offset - block.start, block.end - block.start);
  }

  /**
   * Reads a block that begins at an offset, and lets `use` look at it before anybody else can take its place.
   * Undefined = somebody else was reading, look again.
   * @param read fills the bytes it is given; answers how many of them are whole records
   */
  async fill<T>(
    segment: Segment,
    offset: number,
    read: (target: Buffer) => Promise<number>,
    use: (records: Buffer) => T | Promise<T>,
  ): Promise<T | undefined> {
    const { blocks } = this;
    const covers = (b: Block) =>
      b.segment === segment && b.start <= offset && offset < b.start + BLOCK_BYTES && b.reading !== undefined;
    const other = blocks.find(covers);
    if (other !== undefined) return void (await other.reading);
    const block = this.oldest();
    if (block === undefined) return void (await Promise.race(blocks.flatMap(({ reading }) => reading ?? [])));
    Object.assign(block, { segment, start: offset, end: offset });
    const reading = read(block.bytes);
    block.reading = reading.catch(() => undefined); // whoever waits looks again, and meets the error himself
    try {
      const length = await reading;
      block.end = offset + length;
      return use(block.bytes.subarray(0, length));
    } finally {
      block.reading = undefined;
      if (block.end === offset) block.segment = undefined;
    }
  }

  /** A block to read into, the one that was not used for longest; undefined = all are being read into. */
  private oldest(): Block | undefined {
    const { blocks } = this;
    const i = blocks.length < this.max ? -1 : blocks.findIndex(({ reading }) => reading === undefined);
    if (i === -1 && blocks.length === this.max) return undefined;
    const fresh = { segment: undefined, start: 0, end: 0, reading: undefined };
    const block = blocks[i] ?? { bytes: Buffer.allocUnsafeSlow(BLOCK_BYTES), ...fresh };
    this.usedLast(i, block);
    return block;
  }

  private usedLast(i: number, block: Block): void {
    if (i !== -1) this.blocks.splice(i, 1);
    this.blocks.push(block);
  }
}
