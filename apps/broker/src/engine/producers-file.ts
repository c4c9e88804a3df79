import { crc32 } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { replaceFile, type FileSystem } from '@app/partition-log';
import type { ProducerState } from './producers.js';

/** What is known of the producers of a partition, as far as the log goes up to an offset. */
export interface ProducersSnapshot {
  readonly upTo: number;
  /** The one that was used last stands last. */
  readonly producers: readonly ProducerState[];
}

/*
 * Two lines: the crc-32 of the second in hexadecimal digits, and
 *   {"upTo": offset, "producers": [[id, epoch, last sequence number], …]}
 */
export function encodeSnapshot({ upTo, producers }: ProducersSnapshot): Buffer {
  const rows = producers.map(({ id, epoch, lastSequence }) => [id, epoch, lastSequence]);
  const content = JSON.stringify({ upTo, producers: rows });
  return Buffer.from(`${crc32(content).toString(16).padStart(8, '0')}\n${content}\n`);
}

/** Undefined = these bytes are not what was written. */
export function decodeSnapshot(bytes: Buffer): ProducersSnapshot | undefined {
  const [crc, content] = bytes.toString('utf8').split('\n');
  if (content === undefined || crc !== crc32(content).toString(16).padStart(8, '0')) return undefined;
  const { upTo, producers } = JSON.parse(content) as { upTo: number; producers: [number, number, number][] };
  return { upTo, producers: producers.map(([id, epoch, lastSequence]) => ({ id, epoch, lastSequence })) };
}

/** Undefined = there is no such file: no idempotent producer has ever sent here. */
export async function readSnapshot(file: string): Promise<ProducersSnapshot | 'damaged' | undefined> {
  try {
    return decodeSnapshot(await readFile(file)) ?? 'damaged';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export const writeSnapshot = (fs: FileSystem, file: string, snapshot: ProducersSnapshot): Promise<void> =>
  replaceFile(fs, file, encodeSnapshot(snapshot));
