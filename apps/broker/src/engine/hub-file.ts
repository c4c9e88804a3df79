import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../config/config-error.js';
import type { EventHubConfig } from '../config/entities.js';

/**
 * Remembers a hub's partition count in `hub.json` beside its partitions. Another count would send the keys
 * to other partitions than before and break the order of their events, so it is refused.
 * @throws ConfigError
 */
export async function assertSamePartitionCount(folder: string, config: EventHubConfig): Promise<void> {
  const file = path.join(folder, 'hub.json');
  const found = await readCount(file);
  if (found === undefined) return writeCount(file, config.partitionCount);
  if (found !== config.partitionCount) {
    throw new ConfigError(
      `Event Hub '${config.name}' has ${found} partitions in ${folder}, the configuration says ` +
        `${config.partitionCount}: the count of a live hub cannot change`,
    );
  }
}

async function readCount(file: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const count = (JSON.parse(text) as { partitionCount?: unknown }).partitionCount;
  if (typeof count !== 'number') throw new ConfigError(`${file} is damaged`);
  return count;
}

async function writeCount(file: string, partitionCount: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o750 });
  const handle = await open(`${file}.tmp`, 'w', 0o640);
  try {
    await handle.writeFile(`${JSON.stringify({ partitionCount })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
}
