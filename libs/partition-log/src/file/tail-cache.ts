interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** The last durable bytes of the log, for readers that keep up: bounded by bytes, oldest out first. */
export class TailCache {
  private chunks: Chunk[] = [];
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  /** Takes whole records that stand at `start`, right behind what was taken before. */
  push(start: number, bytes: Buffer): void {
    if (this.maxBytes === 0) return;
    this.chunks.push({ start, end: start + bytes.length, bytes });
    this.held += bytes.length;
    let drop = 0;
    while (this.held > this.maxBytes && drop < this.chunks.length - 1) {
      this.held -= (this.chunks[drop] as Chunk).bytes.length;
      drop++;
    }
    if (drop > 0) this.chunks = this.chunks.slice(drop);
  }

  /** The bytes from an offset on, as chunks that follow each other, until there are so many; none = ask the disk. */
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

  /** The bytes from an offset to the end of the chunk that holds it; undefined = ask the disk. */
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
    const chunk = this.chunks[low] as Chunk;
    return offset < chunk.end ? chunk.bytes.subarray(offset - chunk.start) : undefined;
  }
}
