import { randomFillSync } from 'node:crypto';

const poolBytes = 8 * 1024;

/**
 * Random bytes of node:crypto, drawn by the pool: a call for each key and IV costs more than the encryption itself.
 * @returns a function that answers `size` fresh bytes, never the same ones twice.
 */
export function randomPool(): (size: number) => Buffer {
  let pool = Buffer.alloc(0);
  return (size) => {
    if (pool.length < size) pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(poolBytes, size)));
    const drawn = Buffer.from(pool.subarray(0, size));
    // What was handed out does not stay behind where a later reader of this memory would find it.
    pool.fill(0, 0, size);
    pool = pool.subarray(size);
    return drawn;
  };
}
