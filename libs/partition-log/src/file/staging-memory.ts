/** A block is a quarter of what a tail cache holds, within these bounds. */
const MIN_BLOCK_BYTES = 16 * 1024;
const MAX_BLOCK_BYTES = 256 * 1024;
/** So much lies ready while nobody uses it. */
const MAX_FREE_BYTES = 2 * 1024 * 1024;

/**
 * Memory for records from their arrival until the tail cache lets them go, used again and again: fresh memory
 * costs a page fault each 4 KiB, and a collection of everything each few MiB.
 */
export class StagingMemory {
  private readonly free: Buffer[] = [];
  private readonly blockBytes: number;

  constructor(tailCacheBytes: number) {
    this.blockBytes = Math.min(Math.max(Math.floor(tailCacheBytes / 4), MIN_BLOCK_BYTES), MAX_BLOCK_BYTES);
  }

  /** A block of so many bytes or more, which the caller holds. */
  take(bytes: number): StagingBlock {
    if (bytes > this.blockBytes) return new StagingBlock(Buffer.allocUnsafeSlow(bytes), () => undefined);
    const buffer = this.free.pop() ?? Buffer.allocUnsafeSlow(this.blockBytes);
    return new StagingBlock(buffer, () => this.giveBack(buffer));
  }

  private giveBack(buffer: Buffer): void {
    if (this.free.length < MAX_FREE_BYTES / this.blockBytes) this.free.push(buffer);
  }
}

/** Its bytes are somebody else's once all who hold it have let go. */
export class StagingBlock {
  private holders = 1;

  constructor(
    readonly buffer: Buffer,
    private readonly unused: () => void,
  ) {}

  hold(): this {
    this.holders++;
    return this;
  }

  release(): void {
    this.holders--;
    if (this.holders === 0) this.unused();
    else if (this.holders < 0) throw new Error('a block of staging memory was released twice');
  }
}

/** Whole records next to each other in a block, and in the log from `offset` on. */
export interface Piece {
  readonly block: StagingBlock;
  readonly from: number;
  to: number;
  readonly offset: number;
}

export const bytesOf = ({ block, from, to }: Piece): Buffer => block.buffer.subarray(from, to);

/** Where the next record is laid out: right behind the one before, while the block has room. */
export class StagingArea {
  private block: StagingBlock | undefined;
  private used = 0;

  constructor(private readonly memory: StagingMemory) {}

  /** Where the next record begins in the block that `reserve` answers. */
  get at(): number {
    return this.used;
  }

  /** The block that has room for so many more bytes; the area holds it. */
  reserve(bytes: number): StagingBlock {
    if (this.block !== undefined && this.used + bytes <= this.block.buffer.length) return this.block;
    this.block?.release();
    this.block = this.memory.take(bytes);
    this.used = 0;
    return this.block;
  }

  /** The record ends here. */
  advance(end: number): void {
    this.used = end;
  }
}
