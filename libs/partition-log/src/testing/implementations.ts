import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MemoryFileSystem } from '../file-system/memory-file-system.js';
import { FilePartitionLog } from '../file/file-partition-log.js';
import { MemoryPartitionLog } from '../memory-partition-log.js';
import type { LogRecord, PartitionLog, Payload } from '../partition-log.js';
import type { Retention } from '../retention.js';

/** A clock that a test sets. */
export const clock = { now: 1_000 };
const now = () => clock.now;

export interface Implementation {
  open(): Promise<PartitionLog>;
  /** The same log again, where it outlives being closed. */
  reopen?(): Promise<PartitionLog>;
}

const folders: string[] = [];
export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
}

/** Every implementation of the interface: one contract holds for all of them. */
export const implementations: Record<string, (retention?: Retention) => Promise<Implementation>> = {
  memory: async (retention) => ({ open: async () => new MemoryPartitionLog(now, retention) }),
  'files in memory, tiny segments': async (retention = {}) => {
    const fileSystem = new MemoryFileSystem();
    const clocks = { now, uptime: now };
    const options = {
      folder: '/log',
      fileSystem,
      segmentBytes: 200,
      tailCacheBytes: 300,
      retention,
      ...clocks,
    };
    return { open: () => FilePartitionLog.open(options), reopen: () => FilePartitionLog.open(options) };
  },
  'files on this disk': async (retention = {}) => {
    const parent = await mkdtemp(path.join(os.tmpdir(), 'partition-log-'));
    folders.push(parent);
    const folder = path.join(parent, 'a/b');
    const options = { folder, now, uptime: now, tailCacheBytes: 0, retention };
    return { open: () => FilePartitionLog.open(options), reopen: () => FilePartitionLog.open(options) };
  },
};

export const text = (content: string): Payload => ({
  maxBytes: Buffer.byteLength(content) + 16,
  write: (target, at) => at + target.write(content, at),
});

export const contents = (records: LogRecord[]) => records.map(({ payload }) => payload.toString());

export const everything = { maxBytes: 1e9, maxRecords: 1e9 };

export async function readAll(log: PartitionLog, cursor = 0): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let from = cursor; ;) {
    const read = await log.read(from, everything);
    if (read.records.length === 0) return records;
    records.push(...read.records);
    from = read.next;
  }
}
