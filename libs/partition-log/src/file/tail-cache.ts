import type { Piece, StagingBlock } from './staging-memory.js';

/** Whole records next to each other, in memory and in the log. */
interface Chunk {
  readonly block: StagingBlock;
  readonly from: number;
  to: number;
  readonly start: number;
  end: number;
}

/** The last durable bytes of the log, for readers that keep up: bounded by bytes, oldest out first. */
export class TailCache {
  private readonly chunks: Chunk[] = [];
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  /** Takes a piece, and its hold on the block, that stands right behind what was taken before. */
  push({ block, from, to, offset }: Piece): void {
    if (this.maxBytes === 0) {
      block.release();
      return;
    }
    const end = offset + to - from;
    const last = this.chunks.at(-1);
    if (last?.block === block && last.to === from && last.end === offset) {
      last.to = to;
      last.end = end;
      block.release(); // the chunk holds it already
    } else {
      this.chunks.push({ block, from, to, start: offset, end });
    }
    this.held += to - from;
    while (this.held > this.maxBytes && this.chunks.length > 1) this.dropFirst();
  }

  /**
   * Whole records from an offset on, as chunks that follow each other, until there are so many bytes; none = ask
   * the disk. They are the caller's until the end of this turn of the event loop.
   */
  allFrom(offset: number, bytes: number): Buffer[] {
    const found: Buffer[] = [];
    for (let at = offset; at - offset < bytes;) {
      const chunk = this.from(at);
      if (chunk === undefined) break;
      found.push(chunk);
      at += chunk.length;
    }
    return found;
  }

  /** The same, to the end of the chunk that holds the offset. */
  from(offset: number): Buffer | undefined {
    const first = this.chunks[0];
    if (first === undefined || offset < first.start) return undefined;
    let low = 0;
    let high = this.chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.chunks[middle] as Chunk).start <= offset) low = middle;
      else high = middle;
    }
    const { block, from, to, start, end } = this.chunks[low] as Chunk;
    return offset < end ? block.buffer.subarray(from + offset - start, to) : undefined;
  }

  private dropFirst(): void {
    const { block, start, end } = this.chunks.shift() as Chunk;
    this.held -= end - start;
    block.release();
  }
}
