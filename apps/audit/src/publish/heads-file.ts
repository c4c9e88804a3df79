import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** Longer than any line that is written. */
const tailBytes = 2 ** 20;

/**
 * The published heads of one chain: a line each, added at the end and synced. What stands after the last line break
 * was not written to its end before a crash, and counts as never published.
 */
export class HeadsFile {
  private readonly path: string;

  constructor(folder: string, partitionId: number) {
    this.path = join(folder, `chain-${partitionId}.heads`);
  }

  /** Numbers of the chains of which anything is published. */
  static async chains(folder: string): Promise<number[]> {
    const names = await readdir(folder);
    return names.flatMap((name) => {
      const [, id] = /^chain-(\d+)\.heads$/.exec(name) ?? [];
      return id === undefined ? [] : [Number(id)];
    });
  }

  /** Its length in bytes, whole lines or not. */
  async size(): Promise<number> {
    return (await this.reading(async (file) => (await file.stat()).size)) ?? 0;
  }

  /** The lines within its first bytes, in order. */
  async *lines(size: number): AsyncGenerator<string> {
    const file = size > 0 ? await this.openIfThere() : undefined;
    let rest = '';
    for await (const chunk of file?.createReadStream({ encoding: 'ascii', end: size - 1 }) ?? []) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  }

  async last(): Promise<string | undefined> {
    return this.reading(async (file) => {
      const { size } = await file.stat();
      const from = Math.max(0, size - 2 * tailBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      return buffer.toString('ascii', 0, bytesRead).split('\n').at(-2);
    });
  }

  /** Adds a line. It is on the disk when this has settled. */
  async append(line: string): Promise<void> {
    if (line.length > tailBytes)
      throw new Error(`a line of ${line.length} bytes is too long to be published`);
    const file = await open(this.path, 'a+', 0o640);
    try {
      await dropTornLine(file);
      await file.appendFile(`${line}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  private async reading<T>(read: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
    const file = await this.openIfThere();
    if (!file) return undefined;
    try {
      return await read(file);
    } finally {
      await file.close();
    }
  }

  private async openIfThere(): Promise<FileHandle | undefined> {
    try {
      return await open(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

async function dropTornLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const from = Math.max(0, size - tailBytes);
  const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const whole = from + buffer.lastIndexOf('\n') + 1;
  if (whole < size) await file.truncate(whole);
}
