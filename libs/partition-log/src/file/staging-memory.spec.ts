import { StagingArea, StagingMemory } from './staging-memory.js';

const KiB = 1024;

describe('staging memory', () => {
  const memory = () => new StagingMemory(64 * KiB); // blocks of 16 KiB

  it('uses a block again once all who held it have let go', () => {
    const staging = memory();
    const block = staging.take(100);
    block.hold();
    block.release();
    expect(staging.take(100).buffer).not.toBe(block.buffer);
    block.release();
    expect(staging.take(100).buffer).toBe(block.buffer);
    expect(() => block.release()).toThrow('released twice');
  });

  it('makes a block of its own for what is larger than one, and does not keep it', () => {
    const staging = memory();
    const large = staging.take(20 * KiB);
    expect(large.buffer).toHaveLength(20 * KiB);
    large.release();
    expect(staging.take(20 * KiB).buffer).not.toBe(large.buffer);
  });

  it('keeps 2 MiB ready at most', () => {
    const staging = memory();
    const blocks = Array.from({ length: 200 }, () => staging.take(1));
    for (const block of blocks) block.release();
    const known = new Set(blocks.map(({ buffer }) => buffer));
    const again = Array.from({ length: 200 }, () => staging.take(1));
    expect(again.filter(({ buffer }) => known.has(buffer))).toHaveLength(128);
  });

  it('lays out one behind the other while there is room', () => {
    const area = new StagingArea(memory());
    const block = area.reserve(10 * KiB);
    area.advance(9 * KiB);
    expect(area.reserve(7 * KiB)).toBe(block);
    expect(area.at).toBe(9 * KiB);
    const next = area.reserve(7 * KiB + 1);
    expect(next).not.toBe(block);
    expect(area.at).toBe(0);
    expect(() => block.release()).toThrow('released twice'); // the area has let it go
  });
});
