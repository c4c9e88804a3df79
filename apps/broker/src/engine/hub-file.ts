import path from 'node:path';
import { crc32 } from 'node:zlib';
import { readWhole, replaceFile, type FileSystem } from '@app/partition-log';
import { ConfigError } from '../config/config-error.js';
import type { EventHubConfig } from '../config/entities.js';

interface HubFacts {
  readonly partitionCount: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

const FILE = 'hub.json';

/**
 * Remembers in `hub.json` what a hub's partitions do not tell: how many there are, and since when. Another count
 * would send the keys to other partitions than before and break the order of their events, so it is refused.
 * Answers when the hub was created.
 * @throws ConfigError
 */
export async function openHubFile(
  fs: FileSystem,
  folder: string,
  { name, partitionCount }: EventHubConfig,
  now: number,
): Promise<number> {
  await fs.makeFolder(folder);
  const file = path.join(folder, FILE);
  const names = await fs.list(folder);
  if (!names.includes(FILE)) {
    if (names.some((entry) => /^\d+$/.test(entry))) throw new ConfigError(`${file} is missing: ${RESTORE}`);
    await replaceFile(fs, file, encode({ partitionCount, createdAt: now }));
    return now;
  }
  const found = decode(await readWhole(fs, file));
  if (found === undefined) throw new ConfigError(`${file} is damaged: ${RESTORE}`);
  if (found.partitionCount !== partitionCount) {
    throw new ConfigError(
      `Event Hub '${name}' has ${found.partitionCount} partitions in ${folder}, the configuration says ` +
        `${partitionCount}: the count of a live hub cannot change`,
    );
  }
  if (found.createdAt === undefined) await replaceFile(fs, file, encode({ partitionCount, createdAt: now }));
  return found.createdAt ?? now;
}

const RESTORE = 'restore it from a backup, or move the folder away to begin anew';

const encode = (facts: HubFacts): Buffer =>
  Buffer.from(`${JSON.stringify({ ...facts, crc32: crc32(JSON.stringify(facts)) })}\n`);

/** Answers undefined for anything but what `encode` has written. */
function decode(content: Buffer): Partial<HubFacts> | undefined {
  const text = content.toString('latin1');
  const earlier = /^\{"partitionCount":(\d+)\}\n$/.exec(text)?.[1]; // what the first engines wrote
  if (earlier !== undefined) return { partitionCount: Number(earlier) };
  try {
    const { partitionCount, createdAt } = JSON.parse(text) as HubFacts;
    const facts = { partitionCount, createdAt };
    return encode(facts).equals(content) ? facts : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
