import fs from 'node:fs';
import path from 'node:path';
import type { File, FileSystem } from './file-system.js';

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

/** The callback functions of node:fs cost less than its promises: an append waits for two of them. */
const promised = <T>(start: (done: Done<T>) => void): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });

class NodeFile implements File {
  constructor(private readonly fd: number) {}

  write(data: Uint8Array, position: number): Promise<number> {
    return promised((done) => fs.write(this.fd, data, 0, data.byteLength, position, done));
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return promised((done) => fs.read(this.fd, target, 0, target.byteLength, position, done));
  }

  datasync(): Promise<void> {
    return promised((done) => fs.fdatasync(this.fd, done));
  }

  truncate(length: number): Promise<void> {
    return promised((done) => fs.ftruncate(this.fd, length, done));
  }

  async size(): Promise<number> {
    return (await promised<fs.Stats>((done) => fs.fstat(this.fd, done))).size;
  }

  close(): Promise<void> {
    return promised((done) => fs.close(this.fd, done));
  }
}

/** The disk of this machine. */
export class NodeFileSystem implements FileSystem {
  async open(file: string, mode: 'existing' | 'create'): Promise<File> {
    const { O_RDWR, O_CREAT } = fs.constants;
    const flags = mode === 'create' ? O_RDWR | O_CREAT : O_RDWR;
    return new NodeFile(await promised<number>((done) => fs.open(file, flags, 0o640, done)));
  }

  async list(folder: string): Promise<string[]> {
    try {
      return await fs.promises.readdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async makeFolder(folder: string): Promise<void> {
    const first = await fs.promises.mkdir(folder, { recursive: true, mode: 0o750 });
    if (first === undefined) return;
    // A new folder is durable once the folder that names it is synced, from the topmost new one down.
    for (
      let made = path.resolve(folder);
      made.length >= path.resolve(first).length;
      made = path.dirname(made)
    ) {
      await this.syncFolder(path.dirname(made));
    }
  }

  rename(from: string, to: string): Promise<void> {
    return fs.promises.rename(from, to);
  }

  remove(file: string): Promise<void> {
    return fs.promises.rm(file, { force: true });
  }

  async syncFolder(folder: string): Promise<void> {
    if (process.platform === 'win32') return; // a folder cannot be opened there; NTFS journals its names
    const handle = await fs.promises.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
