import type { MemoryFileSystem } from '../../src/file-system/memory-file-system.js';
import type { Random } from '@app/testing';

type Change = (content: Buffer, random: Random) => Buffer;

const SECTOR = 64;
const LOSS = 'loss';

const range = (content: Buffer, random: Random, unit: number) => {
  const from = unit * random.below(Math.ceil(content.length / unit));
  return [from, Math.min(content.length, from + unit * (1 + random.below(8)))] as const;
};

/** What disks, cables, file systems and people do to a file that nobody looks at. */
const changes: Record<string, Change> = {
  'a flipped bit': (content, random) => flipped(content, random, 1),
  'flipped bits': (content, random) => flipped(content, random, 2 + random.below(30)),
  truncation: (content, random) => content.subarray(0, random.below(content.length)),
  'zeroed sectors': (content, random) => content.fill(0, ...range(content, random, SECTOR)),
  garbage: (content, random) => {
    const [from, to] = range(content, random, 1);
    for (let at = from; at < to; at++) content[at] = random.below(256);
    return content;
  },
  'swapped blocks': (content, random) => {
    const length = 1 + random.below(Math.floor(content.length / 2));
    const first = random.below(content.length - 2 * length + 1);
    const second = first + length + random.below(content.length - first - 2 * length + 1);
    const kept = Buffer.from(content.subarray(first, first + length));
    content.copy(content, first, second, second + length);
    kept.copy(content, second);
    return content;
  },
  'bytes at the end': (content, random) =>
    Buffer.concat([content, Buffer.alloc(1 + random.below(500), random.below(256))]),
};

const flipped = (content: Buffer, random: Random, count: number): Buffer => {
  for (let i = 0; i < count; i++) {
    const bit = random.below(content.length * 8);
    content[bit >> 3] = (content[bit >> 3] as number) ^ (1 << (bit & 7));
  }
  return content;
};

/** Changes a file, by at least a bit, or removes it; answers how. */
export function damage(disk: MemoryFileSystem, name: string, random: Random): string {
  const before = disk.files.get(name) as Buffer;
  const names = [...Object.keys(changes), LOSS];
  for (;;) {
    const how = names[random.below(names.length)] as string;
    if (how === LOSS) {
      disk.files.delete(name);
      return how;
    }
    const after = (changes[how] as Change)(Buffer.from(before), random);
    if (after.equals(before)) continue;
    disk.files.set(name, after);
    return how;
  }
}
