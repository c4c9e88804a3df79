import type { FileHandle } from 'node:fs/promises';

/** Where a line lies in the file, its line break included. */
export interface LinePlace {
  offset: number;
  length: number;
}

/**
 * Writes spaces over lines, and waits for the disk: their bytes are gone, and every other line stays where it is.
 * @param file opened for writing, not for appending, which would ignore the offset
 */
export async function blankLines(file: FileHandle, places: readonly LinePlace[]): Promise<void> {
  for (const { offset, length } of places) {
    const blank = Buffer.alloc(length, ' ');
    blank[length - 1] = 10;
    await file.write(blank, 0, length, offset);
  }
  if (places.length > 0) await file.datasync();
}
