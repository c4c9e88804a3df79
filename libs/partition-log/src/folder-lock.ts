import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { FolderLockedError } from './errors.js';
import { FolderSocket, listen, somebodyAnswers } from './folder-socket.js';

/**
 * Keeps a second engine away from a data folder. The lock is a local socket that the kernel closes with the
 * process, however it ends, so a lock cannot be left behind: an abstract one on Linux, a named pipe on
 * Windows. Elsewhere it is a socket file, which is taken over when nobody answers on it.
 *
 * An abstract socket is seen in its own network namespace only, so on Linux there is a FolderSocket too: two
 * containers with one volume do not both get in. Machines that share a folder over a network do.
 */
export class FolderLock {
  private constructor(
    private readonly server: net.Server,
    private readonly inFolder: FolderSocket | undefined,
  ) {}

  /**
   * @param warn told where the lock reaches no further than one network namespace
   * @throws FolderLockedError another process, or another part of this one, has the folder open
   */
  static async acquire(folder: string, warn: (message: string) => void): Promise<FolderLock> {
    await fs.promises.mkdir(folder, { recursive: true, mode: 0o750 });
    const server = await listenAlone(folder);
    if (process.platform !== 'linux') return new FolderLock(server, undefined);
    try {
      const inFolder = await FolderSocket.acquire(folder);
      if (inFolder === undefined)
        warn(`${folder}: its file system has no sockets; do not give it to a second container`);
      return new FolderLock(server, inFolder);
    } catch (error) {
      await closed(server);
      throw error;
    }
  }

  async release(): Promise<void> {
    await this.inFolder?.release();
    await closed(this.server);
  }
}

async function listenAlone(folder: string): Promise<net.Server> {
  const address = await addressOf(folder);
  try {
    return await listen(address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!isSocketFile(address) || (await somebodyAnswers(address))) throw new FolderLockedError(folder);
    await fs.promises.rm(address, { force: true });
    return listen(address);
  }
}

const closed = (server: net.Server): Promise<unknown> => new Promise((done) => server.close(done));

const isSocketFile = (address: string): boolean => !address.startsWith('\0') && !address.startsWith('\\\\');

/** Two paths to one folder give one address: it is made of the folder's identity, not of its name. */
async function addressOf(folder: string): Promise<string> {
  const { dev, ino } = await fs.promises.stat(folder, { bigint: true });
  const name = `partition-log-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return path.join(os.tmpdir(), name);
}
