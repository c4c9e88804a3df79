import path from 'node:path';
import type { FileSystem } from '../file-system/file-system.js';
import { readAll, writeAll } from '../file-system/write-all.js';

export const TEMPORARY = '.tmp';

/** Puts a small file in place as a whole: a crash leaves the old content or the new, never half of it. */
export async function replaceFile(fs: FileSystem, target: string, content: Uint8Array): Promise<void> {
  const temporary = target + TEMPORARY;
  const file = await fs.open(temporary, 'create');
  try {
    await file.truncate(0);
    await writeAll(file, content, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await fs.rename(temporary, target);
  await fs.syncFolder(path.dirname(target));
}

/** The content of a file whose folder is known to name it. */
export async function readWhole(fs: FileSystem, path: string): Promise<Buffer> {
  const file = await fs.open(path, 'existing');
  try {
    const buffer = Buffer.allocUnsafeSlow(await file.size());
    return buffer.subarray(0, await readAll(file, buffer, 0));
  } finally {
    await file.close();
  }
}
