import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type PostgresBinaries, ignore } from './binaries.js';
import { EmbeddedPostgresError, explainFailure } from './errors.js';
import { type Identity, chooseIdentity, commandAs } from './identity.js';

export const majorVersion = '18';

/** Makes sure that `dataDir` holds a cluster that the returned identity can run. A folder that has one is kept. */
export async function ensureCluster(
  binaries: PostgresBinaries,
  { dataDir, password, port }: { dataDir: string; password: string; port: number },
): Promise<Identity> {
  const version = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(ignore('ENOENT'));
  if (version !== undefined) {
    if (version.trim() !== majorVersion)
      throw new EmbeddedPostgresError(
        'OTHER_MAJOR_VERSION',
        `PostgreSQL: ${dataDir} was made by version ${version.trim()}, this is ${majorVersion}`,
      );
    return adopt(binaries, dataDir);
  }
  await refuseForeignFolder(dataDir);
  // initdb works beside the final place: killed half way it leaves no cluster that looks like one.
  const draft = `${dataDir}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const identity = await adopt(binaries, draft);
  await initialise(binaries.initdb, identity, draft, { password, port });
  await rmdir(dataDir).catch(ignore('ENOENT'));
  await rename(draft, dataDir);
  return identity;
}

async function refuseForeignFolder(dataDir: string): Promise<void> {
  const entries = (await readdir(dataDir).catch(ignore('ENOENT'))) ?? [];
  if (entries.length > 0)
    throw new EmbeddedPostgresError(
      'FOLDER_NOT_A_CLUSTER',
      `PostgreSQL: ${dataDir} holds something else already`,
    );
}

/** The files must belong to whoever runs the server; a clone may be started by root today and by a user before. */
async function adopt(binaries: PostgresBinaries, dataDir: string): Promise<Identity> {
  const before = await stat(dataDir);
  const identity = await chooseIdentity(binaries.initdb, dataDir);
  const { owner } = identity;
  if (owner && (owner.uid !== before.uid || owner.gid !== before.gid))
    await promisify(execFile)('chown', ['-R', `${owner.uid}:${owner.gid}`, dataDir]);
  return identity;
}

async function initialise(
  initdb: string,
  identity: Identity,
  dataDir: string,
  { password, port }: { password: string; port: number },
): Promise<void> {
  const { owner, spawnAs } = identity;
  const passwordFile = join(dirname(dataDir), '.initdb-password');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner) await chown(passwordFile, owner.uid, owner.gid);
  try {
    const cluster = [
      '--pgdata',
      dataDir,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
    ];
    const [command, args] = commandAs(identity, initdb, [...cluster, '--encoding=UTF8', ...locale()]);
    const child = spawn(command, args, { ...spawnAs, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, [code]] = await Promise.all([
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    if (code !== 0) throw explainFailure(said.trim().split('\n'), { dataDir, port });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Sorting by code point is the same on every machine; the character type must know letters beyond ASCII. */
function locale(): string[] {
  const letters = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';
  return ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', `--lc-ctype=${letters}`];
}
