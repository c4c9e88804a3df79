import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { FolderLockedError } from './errors.js';

/**
 * Keeps a second engine away from a data folder. The lock is a local socket that the kernel closes with the
 * process, however it ends, so a lock cannot be left behind: an abstract one on Linux, a named pipe on
 * Windows. Elsewhere it is a socket file, which is taken over when nobody answers on it.
 */
export class FolderLock {
  private constructor(private readonly server: net.Server) {}

  /** @throws FolderLockedError another process, or another part of this one, has the folder open */
  static async acquire(folder: string): Promise<FolderLock> {
    await fs.promises.mkdir(folder, { recursive: true, mode: 0o750 });
    const address = await addressOf(folder);
    try {
      return new FolderLock(await listen(address));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (!isSocketFile(address) || (await somebodyAnswers(address))) throw new FolderLockedError(folder);
      await fs.promises.rm(address, { force: true });
      return new FolderLock(await listen(address));
    }
  }

  async release(): Promise<void> {
    await new Promise((done) => this.server.close(done));
  }
}

const isSocketFile = (address: string): boolean => !address.startsWith('\0') && !address.startsWith('\\\\');

/** Two paths to one folder give one address: it is made of the folder's identity, not of its name. */
async function addressOf(folder: string): Promise<string> {
  const { dev, ino } = await fs.promises.stat(folder, { bigint: true });
  const name = `partition-log-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return path.join(os.tmpdir(), name);
}

function listen(address: string): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(address, () => resolve(server.unref()));
  });
}

function somebodyAnswers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
