import { execFile } from 'node:child_process';
import { chown, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './errors.js';

/** Who PostgreSQL's processes are: a way to start a command, and the user its files must belong to. */
export interface Identity {
  /** Owner of the data folder; absent when we are an ordinary user and everything is ours already. */
  owner?: Owner;
  /** What goes in front of the command, for instance `setpriv …`. */
  prefix: readonly string[];
  /** Set when Node itself changes the user. */
  spawnAs?: Owner;
}

interface Owner {
  uid: number;
  gid: number;
}

const run = promisify(execFile);

/**
 * PostgreSQL refuses to run as root, so as root we become somebody else; but a clone often lies in a folder that
 * only root may enter (`/root`, `mktemp -d`), with the binaries and the data inside. The ways, best first:
 *
 * 1. an unprivileged user, when it can reach both folders as they are;
 * 2. the same user, who keeps the one capability to pass folders (`setpriv`; `no_setuid_fixup` because initdb asks
 *    with access(2), which forgets capabilities without it); containers often have only the second of the two;
 * 3. a user namespace in which our own uid has another number.
 *
 * @throws EmbeddedPostgresError `NO_UNPRIVILEGED_USER`, `FOLDER_NOT_REACHABLE`
 */
export async function chooseIdentity(executable: string, dataDir: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const user = await unprivilegedUser(dataDir);
  const ways: Identity[] = [
    { owner: user, spawnAs: user, prefix: [] },
    ...['dac_read_search', 'dac_override'].map((capability) => ({
      owner: user,
      prefix: setpriv(user, capability),
    })),
    {
      owner: { uid: 0, gid: 0 },
      prefix: ['unshare', '--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`],
    },
  ];
  for (const way of ways) if (await works(way, executable, dataDir)) return way;
  throw new EmbeddedPostgresError(
    'FOLDER_NOT_REACHABLE',
    `PostgreSQL cannot run as root, and user ${user.uid} cannot enter ${dataDir} or the folder of node_modules: ` +
      'run as an ordinary user, or put the clone and DATA_DIR where others may enter (chmod o+x)',
  );
}

/** The command and arguments that start `executable` as that identity; goes with `spawnAs` in the options. */
export function commandAs(
  { prefix }: Identity,
  executable: string,
  args: readonly string[],
): [string, string[]] {
  const [first = executable, ...rest] = prefix;
  return prefix.length > 0 ? [first, [...rest, executable, ...args]] : [executable, [...args]];
}

function setpriv(user: Owner, capability: string): string[] {
  const only = `-all,+${capability}`;
  const caps = [
    `--inh-caps=${only}`,
    `--ambient-caps=${only}`,
    `--bounding-set=${only}`,
    '--securebits=+no_setuid_fixup',
  ];
  return ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...caps];
}

/** The owner of existing data, else `postgres` or `nobody`, whichever this machine knows. */
async function unprivilegedUser(dataDir: string): Promise<Owner> {
  const { uid, gid } = await stat(dataDir);
  if (uid !== 0) return { uid, gid };
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => users.find(([user]) => user === name)).find(Boolean);
  if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  throw new EmbeddedPostgresError(
    'NO_UNPRIVILEGED_USER',
    'PostgreSQL does not run as root, and this machine has neither a user "postgres" nor "nobody": run as an ordinary user',
  );
}

async function works(
  { owner, prefix, spawnAs }: Identity,
  executable: string,
  dataDir: string,
): Promise<boolean> {
  if (owner) await chown(dataDir, owner.uid, owner.gid);
  const script = 'test -x "$0" && test -w "$1" && exec "$0" --version';
  const [command, args] = commandAs({ prefix }, 'sh', ['-c', script, executable, dataDir]);
  return run(command, args, { ...spawnAs, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
