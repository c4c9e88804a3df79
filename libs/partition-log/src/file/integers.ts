const WORD = 2 ** 32;

/** Writes a safe integer as an unsigned 64-bit big-endian number (far cheaper than a BigInt). */
export function writeU64(buffer: Buffer, value: number, at: number): void {
  buffer.writeUInt32BE(Math.floor(value / WORD), at);
  buffer.writeUInt32BE(value >>> 0, at + 4);
}

/** Reads an unsigned 64-bit big-endian number; beyond 2^53 the answer is no safe integer. */
export function readU64(buffer: Buffer, at: number): number {
  return buffer.readUInt32BE(at) * WORD + buffer.readUInt32BE(at + 4);
}
