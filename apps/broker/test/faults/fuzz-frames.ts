import { event } from './raw-client.js';
import type { Random } from '@app/testing';
import {
  binary,
  bool,
  described,
  edges,
  list,
  map,
  nothing,
  symbol,
  text,
  uint,
  ushort,
  wildValue,
} from './wild-values.js';

type Field = () => Buffer;

/** A frame of AMQP (type 0) or SASL (1). */
function frame(body: Buffer, channel: number, type = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head[4] = 2;
  head[5] = type;
  head.writeUInt16BE(channel, 6);
  return Buffer.concat([head, body]);
}

/** Links that an authenticated client under test has: 0, 1 `$cbs`, 2, 3 senders, 4 a receiver, 5, 6 `$management`. */
const LAST_HANDLE = 6;

/**
 * Frames of one connection: mostly what a client may say, some of it in the wrong order or to the wrong link, some
 * with fields of another type, some with bytes that are no AMQP at all.
 */
export class FrameFuzzer {
  /** The delivery id that the session takes next. */
  private nextId = 1;

  constructor(private readonly random: Random) {}

  next(): Buffer {
    const made = this.sound();
    return this.chance(4) ? this.broken(made) : made;
  }

  /** Garbage before, or instead of, the SASL handshake. */
  sasl(): Buffer {
    const init = described(
      Buffer.of(0x53, 0x41),
      list([symbol(this.random.pick(['ANONYMOUS', 'MSSBCBS', 'PLAIN', ''])), this.wild()]),
    );
    const response = described(Buffer.of(0x53, 0x43), list([binary(Buffer.alloc(this.random.below(99)))]));
    const made = frame(this.random.pick([init, response, this.wild()]), this.random.below(3), 1);
    return this.chance(2) ? this.broken(made) : made;
  }

  private sound(): Buffer {
    const { random } = this;
    const channel = this.chance(20) ? random.pick([1, 7, 4_095, 4_096, 65_535]) : 0;
    // Transfers are half of what comes: they take the engine's own path.
    if (this.chance(2)) return this.transfer(channel);
    const [code, ...fields] = random.pick(this.performatives());
    return frame(this.performative(code, fields), channel);
  }

  private transfer(channel: number): Buffer {
    const { random } = this;
    const right = !this.chance(10);
    const id = right ? this.nextId++ : random.pick(edges);
    const handle = this.chance(15) ? random.pick(edges) : 2 + random.below(2);
    const more = this.chance(12);
    const fields: Field[] = [
      () => uint(handle),
      () => (this.chance(25) ? nothing : uint(id)),
      () => (this.chance(4) ? nothing : binary(Buffer.alloc(random.below(40)))),
      () => uint(random.pick([0, 0, 0x80013700, random.pick(edges)])),
      () => bool(this.chance(4)),
      () => bool(more),
      () => nothing,
      () => (this.chance(6) ? this.wild() : nothing),
      () => nothing,
      () => bool(this.chance(20)),
      () => bool(this.chance(9)),
    ];
    return frame(
      Buffer.concat([this.performative(0x14, fields.slice(0, 1 + random.below(11))), this.payload()]),
      channel,
    );
  }

  private payload(): Buffer {
    const { random } = this;
    const data = (content: Buffer) => described(Buffer.of(0x53, 0x75), binary(content));
    const annotations = () =>
      described(Buffer.of(0x53, 0x72), map([symbol('x-opt-offset'), this.wild(), this.wild(), this.wild()]));
    return random.pick<Field>([
      () => event('fuzz'),
      () => Buffer.concat([annotations(), event('fuzz')]),
      () => Buffer.concat([data(event('a')), data(event('b'))]),
      () => this.mutated(event('fuzz'.repeat(20))),
      () => Buffer.concat([event('a'), this.wild()]),
      () => described(Buffer.of(0x53, 0x70 + random.below(9)), this.wild()),
      () => Buffer.alloc(random.below(5_000), random.below(256)),
      () => Buffer.alloc(0),
    ])();
  }

  private performatives(): [number, ...Field[]][] {
    const { random } = this;
    const number: Field = () => uint(random.pick(edges));
    const handle: Field = () => uint(this.chance(8) ? random.pick(edges) : random.below(LAST_HANDLE + 4));
    const flag: Field = () => bool(this.chance(2));
    const name: Field = () =>
      text(random.pick(['l', 'm', 's2', 'r4', '__proto__', 'toString', 'x'.repeat(300)]));
    const address: Field = () =>
      text(
        random.pick([
          'orders',
          'orders/Partitions/9',
          '$cbs',
          'orders/ConsumerGroups/billing/Partitions/1',
          '//',
          '',
        ]),
      );
    const filter: Field = () =>
      map([
        symbol('apache.org:selector-filter:string'),
        described(
          symbol('x'),
          text(random.pick(["amqp.annotation.x-opt-offset > '-1'", "'", 'x'.repeat(999)])),
        ),
      ]);
    const terminus: Field = () =>
      this.chance(4)
        ? this.wild()
        : described(
            Buffer.of(0x53, random.pick([0x28, 0x29])),
            list([address(), nothing, nothing, nothing, nothing, nothing, nothing, filter()]),
          );
    const wild: Field = () => this.wild();
    return [
      [0x10, name, name, number, () => ushort(random.pick(edges)), number, wild, wild, wild, wild, wild],
      [0x11, () => nothing, number, number, number, number, wild, wild, wild],
      [
        0x12,
        name,
        handle,
        flag,
        () => nothing,
        () => nothing,
        terminus,
        terminus,
        () => nothing,
        flag,
        number,
        () => nothing,
        wild,
        wild,
        wild,
      ],
      [0x13, number, number, number, number, handle, number, number, number, flag, flag, wild],
      [0x13, number, number, number, number],
      [
        0x13,
        () => uint(0),
        () => uint(2_000),
        () => uint(this.nextId),
        () => uint(2_000),
        () => uint(4),
        () => uint(0),
        () => uint(random.pick([0, 1, 500, 2 ** 31])),
        () => nothing,
        flag,
      ],
      [0x15, flag, number, number, flag, wild, flag],
      [0x16, handle, flag, wild],
      [0x17, wild],
      [0x18, wild],
    ];
  }

  /** Once in a while one of the fields is of any type. */
  private performative(code: number, fields: readonly Field[]): Buffer {
    const values = fields.map((field) => (this.chance(60) ? this.wild() : field()));
    return described(Buffer.of(0x53, code), list(values));
  }

  /** A frame with wrong bytes; half of them keep a right size, or nothing behind the size would ever be looked at. */
  private broken(made: Buffer): Buffer {
    if (this.chance(12)) return Buffer.alloc(this.random.below(64), this.random.below(256));
    const bytes = this.mutated(made);
    if (bytes.length >= 8 && !this.chance(3)) bytes.writeUInt32BE(bytes.length, 0);
    return bytes;
  }

  private mutated(original: Buffer): Buffer {
    const { random } = this;
    let bytes = Buffer.from(original);
    for (let i = 1 + random.below(3); i > 0 && bytes.length > 0; i--) {
      const at = random.below(bytes.length);
      const kind = random.below(5);
      if (kind === 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      else if (kind === 1) bytes[at] = random.pick([0, 1, 0x40, 0x7f, 0x80, 0xc0, 0xd0, 0xf0, 0xff]);
      else if (kind === 2) bytes = bytes.subarray(0, at);
      else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), this.wild(), bytes.subarray(at)]);
      else if (at + 4 <= bytes.length) bytes.writeUInt32BE(random.pick(edges), at);
    }
    return Buffer.from(bytes);
  }

  private wild(): Buffer {
    return wildValue(this.random);
  }

  private chance(oneIn: number): boolean {
    return this.random.below(oneIn) === 0;
  }
}
