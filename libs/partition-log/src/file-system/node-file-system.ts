import fs from 'node:fs';
import path from 'node:path';
import type { File, FileSystem } from './file-system.js';
import { Pace } from './pace.js';

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

/** The callback functions of node:fs cost less than its promises: an append waits for two of them. */
const promised = <T>(start: (done: Done<T>) => void): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });

/** The most that is written, and the most that is synced, without the thread pool. */
const WRITE_AT_ONCE_BYTES = 256 * 1024;
const SYNC_AT_ONCE_BYTES = 16 * 1024;

class NodeFile implements File {
  private unsynced = 0;

  constructor(
    private readonly fd: number,
    private readonly pace: Pace,
  ) {}

  async write(data: Uint8Array, position: number): Promise<number> {
    const { fd, pace } = this;
    const bytes = data.byteLength;
    this.unsynced += bytes;
    if (pace.mayWriteAtOnce && bytes <= WRITE_AT_ONCE_BYTES)
      return pace.writeAtOnce(() => fs.writeSync(fd, data, 0, bytes, position));
    return promised((done) => fs.write(fd, data, 0, bytes, position, done));
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return promised((done) => fs.read(this.fd, target, 0, target.byteLength, position, done));
  }

  async datasync(): Promise<void> {
    const { fd, pace, unsynced } = this;
    this.unsynced = 0;
    if (unsynced <= SYNC_AT_ONCE_BYTES && pace.maySyncAtOnce) pace.syncAtOnce(() => fs.fdatasyncSync(fd));
    else await pace.syncInPool(() => promised<void>((done) => fs.fdatasync(fd, done)));
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
  private readonly pace = new Pace();

  async open(file: string, mode: 'existing' | 'create'): Promise<File> {
    const { O_RDWR, O_CREAT } = fs.constants;
    const flags = mode === 'create' ? O_RDWR | O_CREAT : O_RDWR;
    return new NodeFile(await promised<number>((done) => fs.open(file, flags, 0o640, done)), this.pace);
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
