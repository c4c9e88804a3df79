import type { File, FileSystem } from '../file-system/file-system.js';
import { readAll } from '../file-system/write-all.js';

interface Handle {
  readonly file: Promise<File>;
  users: number;
  dropped: boolean;
}

/**
 * Files open for reading, the last few used. They are apart from the one that is written to, so sealing a
 * segment or closing the log takes nothing away from a read under way.
 */
export class ReadHandles {
  private readonly handles = new Map<string, Handle>();

  constructor(
    private readonly fs: FileSystem,
    private max = 2,
  ) {}

  /** Reads at a position of a file; fewer bytes than asked for where it ends. */
  async read(path: string, position: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(bytes);
    return buffer.subarray(0, await this.readInto(path, position, buffer));
  }

  /** Fills the target from a position of a file on; answers the bytes read, fewer where the file ends. */
  async readInto(path: string, position: number, target: Uint8Array): Promise<number> {
    const handle = this.take(path);
    try {
      return await readAll(await handle.file, target, position);
    } finally {
      handle.users--;
      await this.closeIfUnused(handle);
    }
  }

  /** Keeps a file open no longer: it is about to be removed. */
  async forget(path: string): Promise<void> {
    const handle = this.handles.get(path);
    if (handle !== undefined) await this.drop(path, handle);
  }

  /** Closes what nobody reads from; the rest follows as its reads end. */
  async close(): Promise<void> {
    this.max = 0;
    await this.dropOldest();
  }

  private take(path: string): Handle {
    const handle = this.handles.get(path) ?? {
      file: this.fs.open(path, 'existing'),
      users: 0,
      dropped: false,
    };
    handle.users++;
    this.handles.delete(path);
    this.handles.set(path, handle); // the newest stands last
    // A failed open is thrown to whoever reads, here it only must not stay.
    handle.file.catch(() => this.handles.delete(path));
    void this.dropOldest();
    return handle;
  }

  private async dropOldest(): Promise<void> {
    for (const [path, handle] of this.handles) {
      if (this.handles.size <= this.max) return;
      await this.drop(path, handle);
    }
  }

  private async drop(path: string, handle: Handle): Promise<void> {
    this.handles.delete(path);
    handle.dropped = true;
    await this.closeIfUnused(handle);
  }

  private async closeIfUnused(handle: Handle): Promise<void> {
    if (!handle.dropped || handle.users > 0) return;
    const file = await handle.file;
    await file.close().catch(() => undefined); // nothing was written through it that could be lost
  }
}
