import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Position } from '../partition-log.js';
import { readU64, writeU64 } from './integers.js';

/*
 * The first 64 bytes of a segment file, numbers big-endian:
 *
 *    0  8 bytes  "PARTLOG1" (the last character is the format's version)
 *    8  u64      base offset: logical position of the first record
 *   16  u64      base sequence number
 *   24  u64      created, ms since 1970: the enqueued time of the record before, of a first segment its own
 *   32  u32      salt of the records' checksums
 *   36  u32      length of the record before, header included; 0 = there is none
 *   40           zeros
 *   60  u32      crc-32 of the 60 bytes before it
 */
export const SEGMENT_HEADER_BYTES = 64;
const NAME = 'PARTLOG1';

export interface SegmentHeader {
  readonly baseOffset: number;
  readonly baseSequence: number;
  readonly created: number;
  readonly salt: number;
  readonly lastBytes: number;
}

export const newSalt = (): number => randomBytes(4).readUInt32BE(0);

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const buffer = Buffer.alloc(SEGMENT_HEADER_BYTES);
  buffer.write(NAME, 0, 'ascii');
  writeU64(buffer, header.baseOffset, 8);
  writeU64(buffer, header.baseSequence, 16);
  writeU64(buffer, header.created, 24);
  buffer.writeUInt32BE(header.salt, 32);
  buffer.writeUInt32BE(header.lastBytes, 36);
  buffer.writeUInt32BE(crc32(buffer.subarray(0, 60)), 60);
  return buffer;
}

/** Answers undefined where the bytes are no whole header of this version. */
export function decodeSegmentHeader(buffer: Buffer): SegmentHeader | undefined {
  if (buffer.length < SEGMENT_HEADER_BYTES || buffer.toString('ascii', 0, 8) !== NAME) return undefined;
  if (crc32(buffer.subarray(0, 60)) !== buffer.readUInt32BE(60)) return undefined;
  return {
    baseOffset: readU64(buffer, 8),
    baseSequence: readU64(buffer, 16),
    created: readU64(buffer, 24),
    salt: buffer.readUInt32BE(32),
    lastBytes: buffer.readUInt32BE(36),
  };
}

/** The record in front of a segment, which may be gone by retention. */
export function recordBefore({
  baseOffset,
  baseSequence,
  created,
  lastBytes,
}: SegmentHeader): Position | undefined {
  if (lastBytes === 0) return undefined;
  return { offset: baseOffset - lastBytes, sequenceNumber: baseSequence - 1, enqueuedTime: created };
}

const pattern = /^(\d{20})\.log$/;

/** `00000000000000000000.log`: named by base offset, so that names sort as the log runs. */
export const segmentFileName = (baseOffset: number): string => `${String(baseOffset).padStart(20, '0')}.log`;

/** The base offset a file name stands for, or undefined for any other file. */
export function baseOffsetOf(fileName: string): number | undefined {
  const digits = pattern.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
