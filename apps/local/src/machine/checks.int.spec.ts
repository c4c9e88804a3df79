import { freePort, spawnUntilReady } from '@app/testing';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readSettings } from '../settings.js';
import { checkDisk } from './check-disk.js';
import { checkInstall } from './check-install.js';
import { checkPorts } from './check-ports.js';
import { LauncherLock } from './launcher-lock.js';
import { nodeTooOld } from './node-version.js';

describe('what is checked before anything starts', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'checks-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['v20.18.3', 'Node 20.19 or newer is needed, this is v20.18.3: see https://nodejs.org'],
    ['v18.20.0', 'Node 20.19 or newer is needed, this is v18.20.0: see https://nodejs.org'],
    ['v20.19.0', undefined],
    ['v22.1.0', undefined],
  ])('Node %s', (version, complaint) => expect(nodeTooOld(version)).toBe(complaint));

  it('names a taken port, its use and its variable', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const { port } = occupant.address() as { port: number };
    await expect(checkPorts({ AUDIT_PORT: port, PROFILE_PORT: await freePort() })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `port ${port} for audit is taken by another program: free it, or set AUDIT_PORT to another`,
    });
    occupant.close();
  });

  it.each([
    [{ PROFILE_PORT: 'http' }, 'PROFILE_PORT=http is no port: a number from 1 to 65535'],
    [{ PROFILE_PORT: '8080' }, 'PROFILE_PORT and CONSOLE_PORT are both 8080: each needs its own port'],
  ])('refuses %j', (env, message) => expect(() => readSettings(env)).toThrow(message));

  it('names a data folder that cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(checkDisk(join(folder, 'file/data'))).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });

  it('names what is not installed', async () => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ dependencies: { pg: '^8', zod: '^4' } }));
    await mkdir(join(folder, 'node_modules/pg'), { recursive: true });
    await expect(checkInstall(folder)).rejects.toThrow(`not installed: zod; run npm ci in ${folder}`);
  });

  describe('the lock of the data folder', () => {
    const running = async (program: string) => {
      const script = join(folder, program);
      await mkdir(dirname(script), { recursive: true });
      await writeFile(
        script,
        `process.once('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); process.send({ ready: true })`,
      );
      return spawnUntilReady(script);
    };
    const leave = (content: string) => writeFile(join(folder, 'launcher.lock'), content);

    it('is refused while its launcher lives', async () => {
      const other = await running('apps/local/dist/main.js');
      await leave(JSON.stringify({ pid: other.pid, children: {} }));
      await expect(LauncherLock.acquire(folder)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
      await other.stop();
    });

    it('is taken over from one that was killed, once what it started has ended', async () => {
      const orphan = await running('apps/profile/dist/main.js');
      await leave(JSON.stringify({ pid: nobody, children: { profile: orphan.pid, audit: nobody + 1 } }));
      const lock = await LauncherLock.acquire(folder);
      expect(() => process.kill(orphan.pid, 0)).toThrow('ESRCH');
      await lock.release();
      await expect(readFile(join(folder, 'launcher.lock'))).rejects.toThrow('ENOENT');
    });

    it('is taken over from one that was killed while it wrote the file', async () => {
      await leave('{"pi');
      await (await LauncherLock.acquire(folder)).release();
    });
  });
});

/** Above the highest process number that Linux gives. */
const nobody = 2 ** 22 + 1;
