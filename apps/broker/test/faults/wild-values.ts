import type { Random } from '@app/testing';

const u8 = (code: number, value: number) => Buffer.of(code, value);
export const uint = (value: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x70;
  bytes.writeUInt32BE(value >>> 0, 1);
  return bytes;
};
export const ushort = (value: number): Buffer => Buffer.of(0x60, (value >> 8) & 255, value & 255);
export const bool = (value: boolean): Buffer => Buffer.of(value ? 0x41 : 0x42);
export const nothing = Buffer.of(0x40);
const variable = (code: number, content: Buffer): Buffer => {
  if (content.length < 256) return Buffer.concat([u8(code, content.length), content]);
  const head = Buffer.alloc(5);
  head[0] = code + 0x10;
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
};
export const text = (value: string): Buffer => variable(0xa1, Buffer.from(value));
export const symbol = (value: string): Buffer => variable(0xa3, Buffer.from(value));
export const binary = (value: Buffer): Buffer => variable(0xa0, value);

/** List, map or array of 32 bits: 0xd0, 0xd1, 0xf0. */
export function compound(code: number, items: readonly Buffer[], count = items.length): Buffer {
  const content = Buffer.concat(items);
  const head = Buffer.alloc(9);
  head[0] = code;
  head.writeUInt32BE(content.length + 4, 1);
  head.writeUInt32BE(count >>> 0, 5);
  return Buffer.concat([head, content]);
}
export const list = (items: readonly Buffer[]): Buffer => compound(0xd0, items);
export const map = (items: readonly Buffer[]): Buffer => compound(0xd1, items);
export const described = (descriptor: Buffer, value: Buffer): Buffer =>
  Buffer.concat([Buffer.of(0), descriptor, value]);

/** Numbers at which something wraps, overflows or is mistaken for a sign. */
export const edges = [
  0,
  1,
  2,
  255,
  256,
  2_047,
  2_048,
  65_535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2,
  2 ** 32 - 1,
];
const words = [
  '',
  'a',
  '__proto__',
  'constructor',
  '$cbs',
  '$management',
  'orders',
  'orders/Partitions/0',
  '\0',
  'ü'.repeat(200),
];

/** Any value that AMQP can encode, soundly encoded. */
export function wildValue(random: Random, depth = 0): Buffer {
  const inner = () => wildValue(random, depth + 1);
  const many = (most: number) => Array.from({ length: random.below(most) }, inner);
  const simple = [
    () => nothing,
    () => uint(random.pick(edges)),
    () => ushort(random.pick(edges)),
    () => bool(random.below(2) === 0),
    () => text(random.pick(words)),
    () => symbol(random.pick(words.slice(0, 9))),
    () => binary(Buffer.alloc(random.below(300), random.below(256))),
    () => u8(0x53, random.below(256)),
    () => u8(random.pick([0x50, 0x51, 0x52, 0x54, 0x55]), random.below(256)),
    () =>
      Buffer.concat([Buffer.of(random.pick([0x80, 0x81, 0x82, 0x83])), Buffer.alloc(8, random.below(256))]),
    () => Buffer.concat([Buffer.of(random.pick([0x94, 0x98])), Buffer.alloc(16, random.below(256))]),
    () => Buffer.of(random.pick([0x43, 0x44, 0x45])),
  ];
  if (depth >= 5) return random.pick(simple)();
  const nested = [
    () => list(many(6)),
    () => map(many(4).flatMap((value) => [symbol(random.pick(words.slice(0, 9))), value])),
    () => map(many(3).flatMap((key) => [key, inner()])),
    () => described(inner(), inner()),
    () => described(u8(0x53, 0x10 + random.below(0x70)), list(many(8))),
    () => compound(0xf0, [Buffer.of(0xa3), Buffer.of(1, 97), Buffer.of(1, 98)], 2),
    () => compound(0xf0, [Buffer.of(0x40)], random.below(300)),
  ];
  return random.pick(random.below(3) === 0 ? nested : simple)();
}
