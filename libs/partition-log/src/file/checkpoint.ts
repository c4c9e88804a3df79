import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileSystem } from '../file-system/file-system.js';
import { readU64, writeU64 } from './integers.js';
import { readWhole, replaceFile } from './replace-file.js';

const NAME = 'PLCHECK1';
const BYTES = 20;
export const CHECKPOINT_FILE = 'checkpoint';

/**
 * Remembers how far the log was durable at some moment. Records below it were acknowledged, so a bad one
 * among them is damage; only behind it can a bad record be a write that a crash cut short.
 *
 * Its file: "PLCHECK1", u64 durable end, u32 crc-32 of the 16 bytes before it.
 */
export async function writeCheckpoint(fs: FileSystem, folder: string, durableEnd: number): Promise<void> {
  const buffer = Buffer.alloc(BYTES);
  buffer.write(NAME, 0, 'ascii');
  writeU64(buffer, durableEnd, 8);
  buffer.writeUInt32BE(crc32(buffer.subarray(0, 16)), 16);
  await replaceFile(fs, path.join(folder, CHECKPOINT_FILE), buffer);
}

/** The durable end of the last checkpoint; `damaged` where the file is not what was written. */
export async function readCheckpoint(fs: FileSystem, folder: string): Promise<number | 'damaged'> {
  const buffer = await readWhole(fs, path.join(folder, CHECKPOINT_FILE));
  const sound =
    buffer.length === BYTES &&
    buffer.toString('ascii', 0, 8) === NAME &&
    crc32(buffer.subarray(0, 16)) === buffer.readUInt32BE(16);
  return sound ? readU64(buffer, 8) : 'damaged';
}
