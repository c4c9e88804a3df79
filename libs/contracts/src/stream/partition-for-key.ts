/**
 * Azure Event Hubs' mapping of a partition key to a partition: Bob Jenkins' lookup3 `hashlittle2` over the key's UTF-8
 * bytes with both seeds 0, then `abs(int16(c ^ b)) % count`. The service and the SDK's buffered producer share it, so
 * that a key sent by either lands on the same partition.
 */
export function partitionForKey(key: string, partitionCount: number): number {
  const { b, c } = hashlittle2(Buffer.from(key, 'utf8'));
  const folded = ((c ^ b) << 16) >> 16;
  return Math.abs(folded % partitionCount);
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** lookup3's `hashlittle2`: 12 bytes a round, little-endian words, 32-bit arithmetic. */
function hashlittle2(data: Buffer): { b: number; c: number } {
  let a = (0xdeadbeef + data.length) | 0;
  let b = a;
  let c = a;
  let offset = 0;
  let left = data.length;
  for (; left > 12; left -= 12, offset += 12) {
    a = (a + data.readInt32LE(offset)) | 0;
    b = (b + data.readInt32LE(offset + 4)) | 0;
    c = (c + data.readInt32LE(offset + 8)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  if (left === 0) return { b, c };
  const tail = Buffer.alloc(12);
  data.copy(tail, 0, offset);
  a = (a + tail.readInt32LE(0)) | 0;
  b = (b + tail.readInt32LE(4)) | 0;
  c = (c + tail.readInt32LE(8)) | 0;
  c = (c ^ b) - rotate(b, 14);
  a = (a ^ c) - rotate(c, 11);
  b = (b ^ a) - rotate(a, 25);
  c = (c ^ b) - rotate(b, 16);
  a = (a ^ c) - rotate(c, 4);
  b = (b ^ a) - rotate(a, 14);
  c = (c ^ b) - rotate(b, 24);
  return { b: b | 0, c: c | 0 };
}
