import type { File } from '../file-system/file-system.js';
import { writeAll } from '../file-system/write-all.js';

/** So much lies ahead of the records. */
const AHEAD_BYTES = 256 * 1024;
/** What a larger write brings costs more than the change of the file's size: nothing is gained by zeros there. */
const SMALL_BYTES = 32 * 1024;
const zeros = Buffer.alloc(AHEAD_BYTES);

/**
 * The segment file that is written to. While writes are small, zeros lie ahead of the records: the sync of a record
 * that takes their place has no new size and no new blocks to make durable, which cost a file system a commit of
 * its journal. To recovery they are a write that never arrived; a sealed file has none.
 */
export class ActiveFile {
  private mayExtend = true;

  constructor(
    private readonly file: File,
    /** How long the file is. */
    private size: number,
  ) {}

  /** @param trusting a seeded bug: a short write is taken for a whole one */
  async write(data: Buffer, position: number, trusting = false): Promise<void> {
    this.size = Math.max(this.size, position + data.length);
    if (trusting) await this.file.write(data, position);
    else await writeAll(this.file, data, position);
  }

  /** Lays zeros behind `end`, up to `limit` at most, where a write of so many bytes that ends there needs some. */
  async extend(end: number, bytes: number, limit: number): Promise<void> {
    if (end < this.size || bytes > SMALL_BYTES || limit <= end || !this.mayExtend) return;
    const ahead = zeros.subarray(0, Math.min(AHEAD_BYTES, limit - end));
    try {
      this.size = end + ahead.length;
      await writeAll(this.file, ahead, end);
    } catch {
      this.mayExtend = false; // a full disk has no room to spare; no record needs them
    }
  }

  /** Ends the file there; answers whether anything was cut off, or may have been. */
  async cut(end: number): Promise<boolean> {
    if (this.size <= end) return false;
    await this.file.truncate(end);
    this.size = end;
    return true;
  }

  /** Takes back what a failed write may have left behind `end`. */
  async takeBack(end: number): Promise<void> {
    await this.file.truncate(end);
    this.size = end;
    await this.file.datasync();
  }

  datasync(): Promise<void> {
    return this.file.datasync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
