import { crc32 } from 'node:zlib';
import type { Position } from '../partition-log.js';
import { readU64, writeU64 } from './integers.js';

/*
 * A record on disk, numbers big-endian:
 *
 *    0  u32  magic "REC1"
 *    4  u32  crc-32 of everything after it, started with the segment's salt
 *    8  u32  length of the payload
 *   12  u32  flags, 0
 *   16  u64  offset: the record's own logical position
 *   24  u64  sequence number
 *   32  u64  enqueued time, ms since 1970
 *   40  u64  durable before: every offset below it was synced before this record was written
 *   48       payload
 *
 * The record names its own offset and its crc starts with a random number that only the segment's header
 * knows: bytes that look like a record inside a payload are never taken for one.
 */
export const RECORD_HEADER_BYTES = 48;
const MAGIC = 0x52454331;

/** Longer payloads are refused on append, so a longer length on disk is a damaged one. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;

export interface RecordHeader {
  readonly offset: number;
  readonly sequenceNumber: number;
  readonly enqueuedTime: number;
  readonly durableBefore: number;
}

export interface ParsedRecord extends RecordHeader {
  /** Where the payload stands in the buffer that was parsed. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** Costs less than `subarray`, which makes a Buffer. */
const bytesBetween = (buffer: Buffer, from: number, end: number): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset + from, end - from);

/** Writes the header in front of a payload that already stands at `at + 48` up to `end`. */
export function sealRecord(
  buffer: Buffer,
  at: number,
  end: number,
  { offset, sequenceNumber, enqueuedTime }: Position,
  durableBefore: number,
  salt: number,
): void {
  buffer.writeUInt32BE(MAGIC, at);
  buffer.writeUInt32BE(end - at - RECORD_HEADER_BYTES, at + 8);
  buffer.writeUInt32BE(0, at + 12);
  writeU64(buffer, offset, at + 16);
  writeU64(buffer, sequenceNumber, at + 24);
  writeU64(buffer, enqueuedTime, at + 32);
  writeU64(buffer, durableBefore, at + 40);
  buffer.writeUInt32BE(crc32(bytesBetween(buffer, at + 8, end), salt), at + 4);
}

/**
 * Reads the record at `at`. `short` = the buffer ends before the record does (`needed` bytes would do);
 * `invalid` = these bytes are no record of this offset.
 */
export function parseRecord(
  buffer: Buffer,
  at: number,
  end: number,
  expected: { offset: number; salt: number; verify: boolean },
): ParsedRecord | { readonly short: number } | 'invalid' {
  if (end - at < RECORD_HEADER_BYTES) return { short: RECORD_HEADER_BYTES };
  if (buffer.readUInt32BE(at) !== MAGIC) return 'invalid';
  const length = buffer.readUInt32BE(at + 8);
  const offset = readU64(buffer, at + 16);
  if (length > MAX_PAYLOAD_BYTES || offset !== expected.offset) return 'invalid';
  const payloadStart = at + RECORD_HEADER_BYTES;
  const payloadEnd = payloadStart + length;
  if (payloadEnd > end) return { short: RECORD_HEADER_BYTES + length };
  if (expected.verify) {
    const crc = crc32(buffer.subarray(at + 8, payloadEnd), expected.salt);
    if (crc !== buffer.readUInt32BE(at + 4)) return 'invalid';
  }
  return {
    offset,
    sequenceNumber: readU64(buffer, at + 24),
    enqueuedTime: readU64(buffer, at + 32),
    durableBefore: readU64(buffer, at + 40),
    payloadStart,
    payloadEnd,
  };
}

/** Answers of `recordEnd` that are no end. */
export const SHORT = 0;
export const INVALID = -1;

/**
 * Where the record at `at` ends; SHORT = behind the end of the buffer, INVALID = these bytes are no record of
 * this offset. What parseRecord checks, without an object a record.
 */
export function recordEnd(buffer: Buffer, at: number, offset: number, salt: number, verify: boolean): number {
  const start = at + RECORD_HEADER_BYTES;
  if (start > buffer.length) return SHORT;
  if (buffer.readUInt32BE(at) !== MAGIC) return INVALID;
  const length = buffer.readUInt32BE(at + 8);
  if (length > MAX_PAYLOAD_BYTES || readU64(buffer, at + 16) !== offset) return INVALID;
  const end = start + length;
  if (end > buffer.length) return SHORT;
  if (!verify) return end;
  const checked = new Uint8Array(buffer.buffer, buffer.byteOffset + at + 8, end - at - 8);
  return crc32(checked, salt) === buffer.readUInt32BE(at + 4) ? end : INVALID;
}

/** Bytes of the record at `at`, which is known to be whole; of its header, if that is all there is. */
export const recordBytes = (buffer: Buffer, at: number): number =>
  RECORD_HEADER_BYTES + buffer.readUInt32BE(at + 8);

/** The position of the record at `at`, which is known to be whole. */
export const positionAt = (buffer: Buffer, at: number): Position => ({
  offset: readU64(buffer, at + 16),
  sequenceNumber: readU64(buffer, at + 24),
  enqueuedTime: readU64(buffer, at + 32),
});

export const isMagicAt = (buffer: Buffer, at: number): boolean => buffer.readUInt32BE(at) === MAGIC;
export const magicBytes = Buffer.from([0x52, 0x45, 0x43, 0x31]);
