/** Single AMQP values as bytes (§1.6). */
export const NULL = Buffer.from([0x40]);

export const symbol = (text: string): Buffer => variable(0xa3, Buffer.from(text, 'latin1'));
export const string = (text: string): Buffer => variable(0xa1, Buffer.from(text, 'utf8'));

function variable(constructor: number, content: Buffer): Buffer {
  if (content.length < 256) return Buffer.concat([Buffer.from([constructor, content.length]), content]);
  const head = Buffer.alloc(5);
  head[0] = constructor + 0x10;
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

export const long = (value: number): Buffer => wide(0x81, value);
export const timestamp = (ms: number): Buffer => wide(0x83, ms);

function wide(constructor: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = constructor;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

/** @param bytes 16, in the order of the text */
export const uuid = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0x98]), bytes]);

export function uint(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x70;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x71;
  bytes.writeInt32BE(value, 1);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x82;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

export function primitive(value: string | number | boolean | null): Buffer {
  if (value === null) return NULL;
  if (typeof value === 'string') return string(value);
  if (typeof value === 'boolean') return Buffer.from([value ? 0x41 : 0x42]);
  if (!Number.isSafeInteger(value)) return double(value);
  return Math.abs(value) < 2 ** 31 ? int(value) : long(value);
}
