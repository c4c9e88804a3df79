import { StagingMemory, type StagingBlock } from './staging-memory.js';
import { TailCache } from './tail-cache.js';

describe('the tail cache', () => {
  const memory = new StagingMemory(0); // blocks of 16 KiB
  const isFree = (block: StagingBlock) => {
    const other = memory.take(1);
    other.release();
    return other.buffer === block.buffer;
  };
  const piece = (block: StagingBlock, from: number, to: number, offset: number) => ({
    block: block.hold(),
    from,
    to,
    offset,
  });

  it('puts together what lies next to each other, in memory and in the log', () => {
    const tail = new TailCache(1_000);
    const block = memory.take(1);
    block.buffer.write('aaabbbcccddd');
    tail.push(piece(block, 0, 3, 100));
    tail.push(piece(block, 3, 6, 103));
    expect(tail.from(101)?.toString()).toBe('aabbb');
    tail.push(piece(block, 9, 12, 106)); // what was between them was refused
    expect(tail.from(103)?.toString()).toBe('bbb');
    expect(tail.from(106)?.toString()).toBe('ddd');
    expect(tail.from(99)).toBeUndefined();
    expect(tail.from(109)).toBeUndefined();
  });

  it('lets a block go with the last that it has of it', () => {
    const tail = new TailCache(10);
    const [first, second] = [memory.take(1), memory.take(1)];
    tail.push(piece(first, 0, 3, 0));
    tail.push(piece(first, 3, 6, 3));
    first.release();
    tail.push(piece(second, 0, 4, 6));
    expect(isFree(first)).toBe(false); // 10 bytes: all of it stays
    tail.push(piece(second, 4, 5, 10));
    expect(isFree(first)).toBe(true);
    expect(tail.from(5)).toBeUndefined();
    expect(tail.from(6)).toHaveLength(5);
  });

  it('takes nothing where it may hold nothing', () => {
    const tail = new TailCache(0);
    const block = memory.take(1);
    tail.push(piece(block, 0, 3, 0));
    block.release();
    expect(isFree(block)).toBe(true);
    expect(tail.from(0)).toBeUndefined();
  });
});
