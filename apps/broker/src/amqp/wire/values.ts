import { decodeError } from './wire-error.js';

/*
 * Checks encoded AMQP values (§1.2, §1.6) without decoding them. rhea's decoder believes counts and nests
 * without bound: a 29-byte array of 50 million nulls would hold the process for minutes. So nothing reaches
 * a decoder, ours or a consumer's, that has not been through here.
 *
 *   value       = primitive | %x00 value value          ; described: descriptor, then the value
 *   primitive   = fixed | variable | compound | array   ; by the upper four bits of the constructor
 */
const MAX_DEPTH = 32;
/** Elements without bytes of their own cost memory that no byte count bounds. */
const MAX_EMPTY_ELEMENTS = 256;

const DESCRIBED = 0x00;
/** Width by constructor: bytes of a fixed value, or of the size field of any other. -1 = no such type. */
const widths = new Int8Array(256).fill(-1);
for (const code of [0x40, 0x41, 0x42, 0x43, 0x44, 0x45]) widths[code] = 0;
for (const code of [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56]) widths[code] = 1;
for (const code of [0x60, 0x61]) widths[code] = 2;
for (const code of [0x70, 0x71, 0x72, 0x73, 0x74]) widths[code] = 4;
for (const code of [0x80, 0x81, 0x82, 0x83, 0x84]) widths[code] = 8;
for (const code of [0x94, 0x98]) widths[code] = 16;
for (const code of [0xa0, 0xa1, 0xa3, 0xc0, 0xc1, 0xe0]) widths[code] = 1;
for (const code of [0xb0, 0xb1, 0xb3, 0xd0, 0xd1, 0xf0]) widths[code] = 4;

const isMap = (code: number): boolean => (code & 0xef) === 0xc1;

/**
 * Checks the value at `at` and everything in it; answers the index after it.
 * @throws WireError amqp:decode-error
 */
export function checkValue(buffer: Buffer, at: number, end: number, depth = 0): number {
  if (at >= end) throw decodeError('a value is cut short');
  const code = buffer[at] as number;
  if (code !== DESCRIBED) return checkBody(buffer, code, at + 1, end, depth);
  if (depth >= MAX_DEPTH) throw decodeError(`values nest deeper than ${MAX_DEPTH}`);
  return checkValue(buffer, checkValue(buffer, at + 1, end, depth + 1), end, depth + 1);
}

function checkBody(buffer: Buffer, code: number, at: number, end: number, depth: number): number {
  const width = widths[code] as number;
  if (width < 0) throw decodeError(`0x${code.toString(16)} is no type`);
  const after = at + width;
  if (after > end) throw decodeError('a value is cut short');
  if (code < 0xa0) return after;
  const size = width === 1 ? (buffer[at] as number) : buffer.readUInt32BE(at);
  if (size > end - after) throw decodeError('a value is longer than what holds it');
  if (code < 0xc0) return after + size;
  if (size < width) throw decodeError('a compound value has no room for its count');
  const count = width === 1 ? (buffer[after] as number) : buffer.readUInt32BE(after);
  if (depth >= MAX_DEPTH) throw decodeError(`values nest deeper than ${MAX_DEPTH}`);
  if (code >= 0xe0) checkArray(buffer, after + width, after + size, count, depth + 1);
  else checkElements(buffer, after + width, after + size, count, depth + 1, isMap(code));
  return after + size;
}

/** §1.6.22–23: list and map, each element with a constructor of its own. */
function checkElements(
  b: Buffer,
  from: number,
  end: number,
  count: number,
  depth: number,
  map: boolean,
): void {
  if (count > end - from) throw decodeError('a compound value counts more elements than it has bytes');
  if (map && count % 2 !== 0) throw decodeError('a map has a key without a value');
  let at = from;
  for (let i = 0; i < count; i++) at = checkValue(b, at, end, depth);
  if (at !== end) throw decodeError('a compound value is longer than its elements');
}

/** §1.6.24: array, one constructor for all elements. */
function checkArray(b: Buffer, from: number, end: number, count: number, depth: number): void {
  let at = from;
  while (at < end && b[at] === DESCRIBED) at = checkValue(b, at + 1, end, depth);
  if (at >= end) throw decodeError('an array has no constructor');
  const code = b[at] as number;
  at++;
  if (widths[code] === 0 ? count > MAX_EMPTY_ELEMENTS : count > end - at) {
    throw decodeError('an array counts more elements than it may');
  }
  for (let i = 0; i < count; i++) at = checkBody(b, code, at, end, depth);
  if (at !== end) throw decodeError('an array is longer than its elements');
}

/** What a field of a performative may be encoded as. */
export type FieldType =
  | 'any'
  | 'binary'
  | 'boolean'
  | 'list'
  | 'map'
  | 'string'
  | 'symbols'
  | 'ubyte'
  | 'uint'
  | 'ulong'
  | 'ushort';

const codes: Record<FieldType, readonly number[]> = {
  any: [],
  binary: [0xa0, 0xb0],
  boolean: [0x41, 0x42, 0x56],
  list: [0x45, 0xc0, 0xd0],
  map: [0xc1, 0xd1],
  string: [0xa1, 0xb1],
  symbols: [0xa3, 0xb3, 0xe0, 0xf0],
  ubyte: [0x50],
  uint: [0x43, 0x52, 0x70],
  ulong: [0x44, 0x53, 0x80],
  ushort: [0x60],
};

/** By type: which of the 256 constructors are its. */
const isCode = Object.fromEntries(
  Object.entries(codes).map(([type, list]) => [
    type,
    Uint8Array.from({ length: 256 }, (_, i) => Number(list.includes(i))),
  ]),
) as Record<FieldType, Uint8Array>;

export const isEncodedAs = (code: number, type: FieldType): boolean =>
  type === 'any' || isCode[type][code] === 1;

/** The number in an encoded ulong: descriptors are small ones. Undefined for any other value. */
export function smallUlong(buffer: Buffer, at: number): number | undefined {
  if (buffer[at] === 0x53) return buffer[at + 1];
  if (buffer[at] === 0x80 && buffer.readUInt32BE(at + 1) === 0) return buffer.readUInt32BE(at + 5);
  return undefined;
}

/** Where the elements of a checked list or map begin and end, and how many there are. */
export function elementsOf(buffer: Buffer, at: number): { from: number; end: number; count: number } {
  const code = buffer[at] as number;
  if (code === 0x45) return { from: at + 1, end: at + 1, count: 0 };
  if (code === 0xc0 || code === 0xc1) {
    return { from: at + 3, end: at + 2 + (buffer[at + 1] as number), count: buffer[at + 2] as number };
  }
  return { from: at + 9, end: at + 5 + buffer.readUInt32BE(at + 1), count: buffer.readUInt32BE(at + 5) };
}

const isWide = (code: number): boolean => (code & 0xf0) === 0xb0;

/** Where the content of a checked variable-width value (binary, string, symbol) begins; it goes on to the value's end. */
export const contentAt = (buffer: Buffer, at: number): number => at + (isWide(buffer[at] as number) ? 5 : 2);

/** The content of a checked variable-width value. */
export function contentOf(buffer: Buffer, at: number): Buffer {
  const start = contentAt(buffer, at);
  const length = isWide(buffer[at] as number) ? buffer.readUInt32BE(at + 1) : (buffer[at + 1] as number);
  return buffer.subarray(start, start + length);
}

const WORD = 2 ** 32;

/** The whole number in a checked value of any integer type (§1.6); undefined for another type, or beyond 2^53. */
export function integerAt(buffer: Buffer, at: number): number | undefined {
  const value = anyIntegerAt(buffer, at);
  return Number.isSafeInteger(value) ? value : undefined;
}

function anyIntegerAt(buffer: Buffer, at: number): number | undefined {
  switch (buffer[at]) {
    case 0x43:
    case 0x44:
      return 0;
    case 0x50: // ubyte, smalluint, smallulong
    case 0x52:
    case 0x53:
      return buffer[at + 1];
    case 0x51: // byte, smallint, smalllong
    case 0x54:
    case 0x55:
      return buffer.readInt8(at + 1);
    case 0x60:
      return buffer.readUInt16BE(at + 1);
    case 0x61:
      return buffer.readInt16BE(at + 1);
    case 0x70:
      return buffer.readUInt32BE(at + 1);
    case 0x71:
      return buffer.readInt32BE(at + 1);
    case 0x80:
      return buffer.readUInt32BE(at + 1) * WORD + buffer.readUInt32BE(at + 5);
    case 0x81:
      return buffer.readInt32BE(at + 1) * WORD + buffer.readUInt32BE(at + 5);
    default:
      return undefined;
  }
}
