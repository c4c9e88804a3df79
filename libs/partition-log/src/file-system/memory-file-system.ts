import path from 'node:path';
import type { File, FileSystem } from './file-system.js';

/** A disk in memory, for specs: its files can be looked at, copied and damaged between two runs of a log. */
export class MemoryFileSystem implements FileSystem {
  readonly files = new Map<string, Buffer>();

  /** A second disk with the same content. */
  copy(): MemoryFileSystem {
    const copy = new MemoryFileSystem();
    for (const [name, content] of this.files) copy.files.set(name, Buffer.from(content));
    return copy;
  }

  async open(name: string, mode: 'existing' | 'create'): Promise<File> {
    if (!this.files.has(name)) {
      if (mode === 'existing') throw Object.assign(new Error(`ENOENT: ${name}`), { code: 'ENOENT' });
      this.files.set(name, Buffer.alloc(0));
    }
    return new MemoryFile(this.files, name);
  }

  async list(folder: string): Promise<string[]> {
    return [...this.files.keys()]
      .filter((name) => path.dirname(name) === folder)
      .map((name) => path.basename(name));
  }

  async rename(from: string, to: string): Promise<void> {
    this.files.set(to, this.files.get(from) ?? Buffer.alloc(0));
    this.files.delete(from);
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async makeFolder(): Promise<void> {
    // Folders exist as soon as a file names them.
  }

  async syncFolder(): Promise<void> {
    // Everything here is as durable as it gets.
  }
}

class MemoryFile implements File {
  constructor(
    private readonly files: Map<string, Buffer>,
    private readonly name: string,
  ) {}

  async write(data: Uint8Array, position: number): Promise<number> {
    const before = this.content;
    const after = Buffer.alloc(Math.max(before.length, position + data.length));
    before.copy(after);
    after.set(data, position);
    this.files.set(this.name, after);
    return data.length;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    return this.content.copy(target, 0, position);
  }

  async truncate(length: number): Promise<void> {
    const after = Buffer.alloc(length);
    this.content.copy(after);
    this.files.set(this.name, after);
  }

  async size(): Promise<number> {
    return this.content.length;
  }

  async datasync(): Promise<void> {
    // See syncFolder.
  }

  async close(): Promise<void> {
    // Nothing is held.
  }

  private get content(): Buffer {
    return this.files.get(this.name) ?? Buffer.alloc(0);
  }
}
