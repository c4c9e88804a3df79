/**
 * Arrays as PostgreSQL takes them in binary (array_recv), for statements over many rows: as text each element is quoted
 * here and unquoted there, which costs both sides more than the element itself.
 */
export type ArrayType = keyof typeof encodings;

interface Encoding {
  oid: number;
  /** Of an element that is a text, so many bytes more than its UTF-8. */
  ahead?: number;
  /** Of any other element. */
  bytes?: number;
  write: (element: never, into: Buffer, at: number) => void;
}

const utf8 = (element: string, into: Buffer, at: number): number => into.write(element, at, 'utf8');
const dayMs = 86_400_000;
/** PostgreSQL counts days and microseconds from the year 2000. */
const epochMs = Date.UTC(2000, 0, 1);

const encodings = {
  text: { oid: 25, ahead: 0, write: utf8 },
  jsonb: {
    oid: 3802,
    ahead: 1,
    write: (element: string, into: Buffer, at: number) => {
      into[at] = 1; // the version of the format, and text behind it
      utf8(element, into, at + 1);
    },
  },
  bytea: {
    oid: 17,
    write: (element: Uint8Array, into: Buffer, at: number) => into.set(element, at),
  },
  uuid: {
    oid: 2950,
    bytes: 16,
    write: (element: string, into: Buffer, at: number) => into.write(element.replaceAll('-', ''), at, 'hex'),
  },
  smallint: {
    oid: 21,
    bytes: 2,
    write: (element: number, into: Buffer, at: number) => into.writeInt16BE(element, at),
  },
  integer: {
    oid: 23,
    bytes: 4,
    write: (element: number, into: Buffer, at: number) => into.writeInt32BE(element, at),
  },
  bigint: {
    oid: 20,
    bytes: 8,
    write: (element: bigint, into: Buffer, at: number) => into.writeBigInt64BE(element, at),
  },
  date: {
    oid: 1082,
    bytes: 4,
    write: (element: string, into: Buffer, at: number) =>
      into.writeInt32BE((Date.parse(`${element}T00:00:00Z`) - epochMs) / dayMs, at),
  },
  timestamptz: {
    oid: 1184,
    bytes: 8,
    write: (element: string, into: Buffer, at: number) =>
      into.writeBigInt64BE(BigInt(Date.parse(element) - epochMs) * 1000n, at),
  },
} satisfies Record<string, Encoding>;

const headBytes = 20;
const lengthBytes = 4;
const isNull = -1;

/**
 * @param values `null` or undefined is NULL; texts, JSON as text, dates as YYYY-MM-DD, times in ISO 8601 with
 * milliseconds at most
 */
export function binaryArray(type: ArrayType, values: readonly unknown[]): Buffer {
  const encoding: Encoding = encodings[type];
  const sizes = values.map((value) => sizeOf(value, encoding));
  const total = sizes.reduce((sum, size) => sum + lengthBytes + Math.max(size, 0), headBytes);
  const array = Buffer.allocUnsafe(total);
  let at = head(array, encoding.oid, values.length, sizes.includes(isNull));
  for (const [index, value] of values.entries()) {
    const size = sizes[index] ?? isNull;
    at = array.writeInt32BE(size, at);
    if (size === isNull) continue;
    encoding.write(value as never, array, at);
    at += size;
  }
  return array;
}

function head(array: Buffer, oid: number, length: number, hasNulls: boolean): number {
  const oneDimension = [1, hasNulls ? 1 : 0, oid, length, 1];
  return oneDimension.reduce((at, number) => array.writeInt32BE(number, at), 0);
}

function sizeOf(value: unknown, { ahead = 0, bytes }: Encoding): number {
  if (value === null || value === undefined) return isNull;
  return bytes ?? (typeof value === 'string' ? ahead + Buffer.byteLength(value) : (value as Buffer).length);
}
