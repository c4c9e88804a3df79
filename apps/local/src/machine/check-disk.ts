import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../settings.js';

/** PostgreSQL's log and a segment of the engine want this much before anything is stored. */
const neededBytes = 500 * 1024 ** 2;

/** Makes the data folder, and makes sure that it can be written and that its disk is not nearly full. */
export async function checkDisk(dataDir: string): Promise<void> {
  const probe = join(dataDir, '.write-probe');
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new StartError('DISK_FULL', `the disk that holds ${dataDir} is full`, { cause });
    throw new StartError(
      'NOT_WRITABLE',
      `${dataDir} cannot be written (${code}): set DATA_DIR to a folder that can`,
      { cause },
    );
  }
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < neededBytes)
    throw new StartError(
      'DISK_FULL',
      `the disk that holds ${dataDir} is nearly full: ${megabytes(bavail * bsize)} free, ${megabytes(neededBytes)} needed`,
    );
}

const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 ** 2)} MB`;
