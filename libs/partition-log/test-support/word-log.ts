import { MemoryFileSystem } from '../src/file-system/memory-file-system.js';
import type { Payload } from '../src/partition-log.js';
import { CHECKPOINT_FILE } from '../src/file/checkpoint.js';
import { FilePartitionLog } from '../src/file/file-partition-log.js';
import { RECORD_HEADER_BYTES } from '../src/file/record-format.js';
import type { Sabotage } from '../src/file/sabotage.js';
import { segmentFileName } from '../src/file/segment-header.js';

const FOLDER = '/log';
export const CHECKPOINT = `${FOLDER}/${CHECKPOINT_FILE}`;
export const segmentFile = (base: number) => `${FOLDER}/${segmentFileName(base)}`;
export const FIRST = segmentFile(0);

export const text = (content: string): Payload => ({
  maxBytes: content.length,
  write: (target, at) => at + target.write(content, at),
});
export const word = (i: number) => `word-${String(i).padStart(2, '0')}`;
export const RECORD_BYTES = RECORD_HEADER_BYTES + word(0).length;

export function open(fileSystem: MemoryFileSystem, segmentBytes = 1e6, sabotage?: Sabotage) {
  const reports: string[] = [];
  const report = (message: string) => reports.push(message);
  const opened = FilePartitionLog.open({
    folder: FOLDER,
    fileSystem,
    segmentBytes,
    report,
    tailCacheBytes: 0,
    ...(sabotage && { sabotage }),
  });
  return { opened, reports };
}

/** A disk with `count` records, each acknowledged before the next was written. */
export async function diskWith(count: number, segmentBytes?: number): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  const log = await open(disk, segmentBytes).opened;
  for (let i = 0; i < count; i++) await log.append([text(word(i))]);
  await log.close();
  return disk;
}

/** Everything a log answers, or the error it refuses with. */
export async function readBack(disk: MemoryFileSystem, segmentBytes?: number, sabotage?: Sabotage) {
  const { opened, reports } = open(disk, segmentBytes, sabotage);
  const words: string[] = [];
  try {
    const log = await opened;
    for (let cursor = 0; ;) {
      const { records, next } = await log.read(cursor, { maxBytes: 1e6, maxRecords: 100 });
      if (records.length === 0) break;
      words.push(...records.map(({ payload }) => payload.toString()));
      cursor = next;
    }
    await log.close();
    return { words, reports };
  } catch (error) {
    return { words, reports, error: error as Error };
  }
}

export const words = (count: number) => Array.from({ length: count }, (_, i) => word(i));
