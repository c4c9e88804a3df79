import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileSystem } from '../file-system/file-system.js';
import { readU64, writeU64 } from './integers.js';
import { readWhole, replaceFile } from './replace-file.js';

const NAME = 'PLCHECK2';
const BYTES = 28;
export const CHECKPOINT_FILE = 'checkpoint';

export interface Checkpoint {
  /**
   * How far the log was durable. Records below it were acknowledged, so a bad one among them is damage; only
   * behind it can a bad record be a write that a crash cut short.
   */
  readonly durableEnd: number;
  /** The base offset of the first segment that is kept: those before it went, or are to go, by retention. */
  readonly begin: number;
}

/** Its file: "PLCHECK2", u64 durable end, u64 begin, u32 crc-32 of the 24 bytes before it. */
export async function writeCheckpoint(
  fs: FileSystem,
  folder: string,
  { durableEnd, begin }: Checkpoint,
): Promise<void> {
  const buffer = Buffer.alloc(BYTES);
  buffer.write(NAME, 0, 'ascii');
  writeU64(buffer, durableEnd, 8);
  writeU64(buffer, begin, 16);
  buffer.writeUInt32BE(crc32(buffer.subarray(0, 24)), 24);
  await replaceFile(fs, path.join(folder, CHECKPOINT_FILE), buffer);
}

/** The last checkpoint; `damaged` where the file is not what was written. */
export async function readCheckpoint(fs: FileSystem, folder: string): Promise<Checkpoint | 'damaged'> {
  const buffer = await readWhole(fs, path.join(folder, CHECKPOINT_FILE));
  const sound =
    buffer.length === BYTES &&
    buffer.toString('ascii', 0, 8) === NAME &&
    crc32(buffer.subarray(0, 24)) === buffer.readUInt32BE(24);
  return sound ? { durableEnd: readU64(buffer, 8), begin: readU64(buffer, 16) } : 'damaged';
}
