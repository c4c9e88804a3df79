import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** 256 bits, safe in a URL, a connection string and a file. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

/** Reads a secret, or makes it; of two who make it at once, both get the first one's. */
export async function keepSecret(file: string, make: () => string, mode = 0o600): Promise<string> {
  const known = await readIfThere(file);
  if (known !== undefined) return known;
  const draft = `${file}.${process.pid}.new`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(draft, `${make()}\n`, { mode });
  // A link is made whole or not at all, and never over an existing file.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readFile(file, 'utf8')).trim();
}

/** Writes what is made from secrets and settings: as it has to be now, whole or not at all. */
export async function writeSecret(file: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, `${content}\n`, { mode: 0o600 });
  await rename(draft, file);
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
