import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Scan {
  files: number;
  bytes: number;
  /** `file: times` for each needle that was found, in any case. */
  hits: string[];
}

/** Looks for the needles, in lower case, in every byte of every file below a folder. */
export async function scanFiles(folder: string, needles: readonly string[]): Promise<Scan> {
  const scan: Scan = { files: 0, bytes: 0, hits: [] };
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // A server goes on with its files: one that is gone by now keeps nothing.
    const bytes = await readFile(file).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    scan.files++;
    scan.bytes += bytes.length;
    const text = bytes.toString('latin1').toLowerCase();
    for (const needle of needles) {
      const times = text.split(needle).length - 1;
      if (times > 0) scan.hits.push(`${file.slice(folder.length)}: ${times}`);
    }
  }
  return scan;
}
