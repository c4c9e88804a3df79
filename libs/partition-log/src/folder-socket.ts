import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { FolderLockedError } from './errors.js';

const NAME = /^engine-[0-9a-f-]{36}\.lock$/;

/** File systems without sockets say one of these. */
const NO_SOCKETS = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EINVAL']);

/**
 * A socket file in the folder itself: whoever mounts the folder can ask it, in whatever network namespace.
 * Linux only: the folder's descriptor keeps the address under the 108 bytes that a socket may have.
 *
 * Each starter has a file of its own, so none is ever taken over: it listens first and looks second. Of two
 * the one that looks later sees the other, so never both get in; of two that look at once neither may.
 */
export class FolderSocket {
  private constructor(
    private readonly directory: fs.promises.FileHandle,
    private readonly address: string,
    private readonly server: net.Server,
  ) {}

  /**
   * Answers undefined where the file system has no sockets.
   * @throws FolderLockedError another process answers in the folder
   */
  static async acquire(folder: string): Promise<FolderSocket | undefined> {
    const directory = await fs.promises.open(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    const name = `engine-${randomUUID()}.lock`;
    const address = `/proc/self/fd/${directory.fd}/${name}`;
    let own: FolderSocket | undefined;
    try {
      own = new FolderSocket(directory, address, await listen(address));
      if (!(await own.isAlone(folder, name))) throw new FolderLockedError(folder);
      return own;
    } catch (error) {
      await (own === undefined ? directory.close() : own.release());
      if (own === undefined && NO_SOCKETS.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  async release(): Promise<void> {
    await fs.promises.rm(this.address, { force: true });
    await new Promise((done) => this.server.close(done));
    await this.directory.close();
  }

  /** Removes what ended engines left behind. */
  private async isAlone(folder: string, name: string): Promise<boolean> {
    const names = await fs.promises.readdir(folder);
    for (const other of names.filter((found) => NAME.test(found) && found !== name)) {
      const address = path.join(path.dirname(this.address), other);
      if (await somebodyAnswers(address)) return false;
      await fs.promises.rm(address, { force: true });
    }
    // Between bind and listen this one did not answer either, and may have been removed as left behind.
    return fs.existsSync(this.address);
  }
}

export function listen(address: string): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(address, () => resolve(server.unref()));
  });
}

/** A socket that may not be asked, or has too many who ask, is somebody's too. */
export function somebodyAnswers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    const nobody = new Set(['ECONNREFUSED', 'ENOENT']);
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(!nobody.has(code ?? '')));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
