import type { ReadHandles } from './read-handles.js';
import { parseRecord, type ParsedRecord } from './record-format.js';
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.js';
import type { SparseIndex } from './sparse-index.js';

/** One file of the log. Offsets are logical: the base offset stands right behind the header. */
export interface Segment {
  readonly path: string;
  readonly header: SegmentHeader;
  /** Logical end of what may be read: the durable end in the active segment, the end of a sealed one. */
  end: number;
  /** Of a sealed segment only once somebody has searched in it. */
  index: SparseIndex | undefined;
  /** Retention has taken it: who was reading it goes on at the new first segment. */
  removed: boolean;
}

export const filePosition = (segment: Pick<Segment, 'header'>, offset: number): number =>
  SEGMENT_HEADER_BYTES + offset - segment.header.baseOffset;

const BLOCK_BYTES = 256 * 1024;

export const readBytes = (
  files: ReadHandles,
  segment: Segment,
  offset: number,
  bytes: number,
): Promise<Buffer> => files.read(segment.path, filePosition(segment, offset), bytes);

/** `stopped` = the visitor wanted no more; `invalid` = the bytes at `offset` are no whole valid record. */
export interface WalkEnd {
  readonly offset: number;
  readonly reason: 'end' | 'stopped' | 'invalid';
}

/** Visits the records from `offset` up to `end`, checksums verified; the visitor answers whether to go on. */
export async function walk(
  files: ReadHandles,
  segment: Segment,
  offset: number,
  end: number,
  visit: (record: ParsedRecord, buffer: Buffer) => boolean,
): Promise<WalkEnd> {
  const { salt } = segment.header;
  let cursor = offset;
  let want = BLOCK_BYTES;
  while (cursor < end) {
    const asked = Math.min(want, end - cursor);
    const block = await readBytes(files, segment, cursor, asked);
    want = BLOCK_BYTES;
    let at = 0;
    while (at < block.length) {
      const record = parseRecord(block, at, block.length, { offset: cursor, salt, verify: true });
      if (record === 'invalid') return { offset: cursor, reason: 'invalid' };
      if ('short' in record) {
        const cutOff = cursor + record.short > end || (at === 0 && block.length < asked);
        if (cutOff) return { offset: cursor, reason: 'invalid' };
        want = Math.max(BLOCK_BYTES, record.short);
        break;
      }
      if (!visit(record, block)) return { offset: cursor, reason: 'stopped' };
      cursor += record.payloadEnd - at;
      at = record.payloadEnd;
    }
    if (block.length === 0) return { offset: cursor, reason: 'invalid' };
  }
  return { offset: cursor, reason: 'end' };
}
