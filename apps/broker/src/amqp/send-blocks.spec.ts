import { SendBlocks } from './send-blocks.js';

const KiB = 1024;

describe('blocks for deliveries', () => {
  it('are used again, the same memory', () => {
    const blocks = new SendBlocks();
    const first = blocks.take(100 * KiB);
    blocks.giveBack(first);
    expect(blocks.bytes).toBe(128 * KiB);
    expect(blocks.take(120 * KiB)).toBe(first);
    expect(blocks.bytes).toBe(0);
  });

  it('are never given to two at once', () => {
    const blocks = new SendBlocks();
    const out = Array.from({ length: 50 }, () => blocks.take(100 * KiB));
    expect(new Set(out).size).toBe(50);
    const block = blocks.take(100 * KiB);
    blocks.giveBack(block);
    expect(() => blocks.giveBack(block)).toThrow('given back twice');
  });

  it('are half full at least, so that what is unsent bounds what is held', () => {
    const blocks = new SendBlocks();
    for (let bytes = 1; bytes < 300 * KiB; bytes += 777) {
      const { length } = blocks.take(bytes);
      expect(length).toBeGreaterThanOrEqual(bytes);
      expect(length).toBeLessThanOrEqual(bytes * 2);
    }
  });

  it('are kept up to 2 MiB, whatever was out', () => {
    const blocks = new SendBlocks();
    const out = [20, 40, 70, 130, 200].flatMap((size) =>
      Array.from({ length: 40 }, () => blocks.take(size * KiB)),
    );
    for (const block of out) blocks.giveBack(block);
    expect(blocks.bytes).toBeLessThanOrEqual(2 * KiB * KiB);
    expect(blocks.bytes).toBeGreaterThan(KiB * KiB);
    blocks.giveBack(blocks.take(5)); // too small to be worth keeping
    blocks.giveBack(blocks.take(400 * KiB)); // too large
    expect(blocks.bytes).toBeLessThanOrEqual(2 * KiB * KiB);
  });
});
