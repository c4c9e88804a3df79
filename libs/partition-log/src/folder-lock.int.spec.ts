import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FolderLockedError } from './errors.js';
import { FolderLock } from './folder-lock.js';

const built = fileURLToPath(new URL('../dist/folder-lock.js', import.meta.url));
const child = `
  const [, module, folder] = process.argv;
  const { FolderLock } = await import(module);
  const said = await FolderLock.acquire(folder, console.error).then(() => 'in', (error) => error.code);
  console.log(said);
  if (said === 'in') setInterval(() => undefined, 1000);
`;

const onLinux = process.platform === 'linux';
const noWarning = (message: string) => {
  throw new Error(message);
};

describe('the lock of a data folder', () => {
  let parent: string;
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    parent = await mkdtemp(path.join(os.tmpdir(), 'lock-'));
    folder = path.join(parent, 'long'.repeat(30), 'data'); // more than the 108 bytes of a socket's address
    await mkdir(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const process of children.splice(0)) await kill(process);
    await rm(parent, { recursive: true });
  });

  const kill = async (process: ChildProcess) => {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  };
  /** A process that asks for the lock; answers what it got. */
  const ask = async (under: readonly string[] = []) => {
    const node = [process.execPath, '--input-type=module', '-e', child, built, folder];
    const [command, ...args] = [...under, ...node] as [string, ...string[]];
    const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(started);
    const [said] = (await once(started.stdout, 'data')) as [Buffer];
    return { said: said.toString().trim(), started };
  };
  const locks = async () => (await readdir(folder)).filter((name) => name.endsWith('.lock'));

  it('lets one in, by whatever path, and the next when it is released', async () => {
    const first = await FolderLock.acquire(folder, noWarning);
    const alias = path.join(parent, 'alias');
    await symlink(folder, alias);
    await expect(FolderLock.acquire(alias, noWarning)).rejects.toThrow(FolderLockedError);
    await first.release();
    const second = await FolderLock.acquire(alias, noWarning);
    await second.release();
    expect(await locks()).toEqual([]);
  });

  it('is gone with a process that is killed', async () => {
    const { said, started } = await ask();
    expect(said).toBe('in');
    await expect(FolderLock.acquire(folder, noWarning)).rejects.toThrow(FolderLockedError);
    await kill(started);
    expect(await locks()).toHaveLength(onLinux ? 1 : 0); // what it left is taken away
    const next = await FolderLock.acquire(folder, noWarning);
    await next.release();
    expect(await locks()).toEqual([]);
  });

  // A container has its own network namespace; making one takes root, or a user namespace.
  const apart = onLinux ? ['unshare', process.getuid?.() === 0 ? '-n' : '-rn'] : [];
  it('holds over network namespaces', async () => {
    const { said, started } = await ask(apart);
    expect(said).toBe('in');
    await expect(FolderLock.acquire(folder, noWarning)).rejects.toThrow(FolderLockedError);
    expect((await ask(apart)).said).toBe('FOLDER_LOCKED');
    await kill(started);
    const next = await FolderLock.acquire(folder, noWarning);
    expect((await ask(apart)).said).toBe('FOLDER_LOCKED');
    await next.release();
  });
  it('never lets two in that come at the same time', async () => {
    for (let round = 0; round < 4; round++) {
      const asked = await Promise.all([1, 2, 3].map(() => ask(apart)));
      expect(asked.filter(({ said }) => said === 'in').length).toBeLessThanOrEqual(1);
      expect(asked.map(({ said }) => said)).toContain('FOLDER_LOCKED');
      for (const { started } of asked) await kill(started);
    }
  });
});
