import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import rhea from 'rhea';
import { FrameGuard, type Piece } from './frame-guard.js';
import { TransferFrame } from './transfer-frame.js';
import { WireError } from './wire-error.js';

/** rhea's own frame writer and reader are the oracle: what its client says must pass, what passes it must read. */
interface RheaFrames {
  write_frame(frame: { channel: number; type: number; performative?: unknown; payload?: Buffer }): Buffer;
  read_frame(frame: Buffer): { channel: number; performative: Fields; payload?: Buffer } | null;
}
type Fields = Record<string, unknown>;
type Performative = Record<string, (fields: unknown) => unknown>;
const frames = createRequire(import.meta.url)('rhea/lib/frames.js') as RheaFrames & Performative;
const { types } = rhea;

const limits = { maxFrameBytes: 65_536, channelMax: 100 };
const AMQP = Buffer.from('AMQP\0\x01\0\0', 'latin1');
const SASL = Buffer.from('AMQP\x03\x01\0\0', 'latin1');

const amqp = (performative: unknown, payload?: Buffer, channel = 0) =>
  frames.write_frame({ channel, type: 0, performative, ...(payload && { payload }) });
const frame = (body: number[], { doff = 2, type = 0, channel = 0 } = {}) => {
  const buffer = Buffer.from([0, 0, 0, 0, doff, type, channel >> 8, channel & 255, ...body]);
  buffer.writeUInt32BE(buffer.length);
  return buffer;
};

/** What a client says from its first byte to its first event. */
const conversation = [
  SASL,
  frames.write_frame({
    channel: 0,
    type: 1,
    performative: frames['sasl_init']?.({ mechanism: 'ANONYMOUS', hostname: 'localhost' }),
  }),
  AMQP,
  amqp(frames['open']?.({ container_id: 'client', hostname: 'localhost', max_frame_size: 65_536 })),
  amqp(
    frames['begin']?.({ next_outgoing_id: 0, incoming_window: 2048, outgoing_window: 4_294_967_295 }),
    undefined,
    1,
  ),
  amqp(
    frames['attach']?.({
      name: 'hub',
      handle: 0,
      role: false,
      target: types.wrap_described([types.wrap_string('hub')], 0x29),
      properties: { 'com.microsoft:epoch': types.wrap_long(3) },
    }),
    undefined,
    1,
  ),
  amqp(
    frames['transfer']?.({ handle: 0, delivery_id: 0, delivery_tag: Buffer.from('1') }),
    Buffer.alloc(2_000, 7),
    1,
  ),
  frame([]),
  amqp(frames['flow']?.({ incoming_window: 1, next_outgoing_id: 1, outgoing_window: 1 }), undefined, 1),
  amqp(frames['detach']?.({ handle: 0, closed: true }), undefined, 1),
  amqp(frames['end']?.({}), undefined, 1),
  amqp(frames['close']?.({})),
];

function opened(): FrameGuard {
  const guard = new FrameGuard(limits);
  guard.push(AMQP);
  return guard;
}
const refusal = (bytes: Buffer): string => {
  const last = opened().push(bytes).at(-1);
  return last instanceof WireError ? last.condition : 'passed';
};
const buffers = (pieces: Piece[]) => pieces.filter((piece) => Buffer.isBuffer(piece));
const transfers = (pieces: Piece[]) => pieces.filter((piece) => piece instanceof TransferFrame);

/** What the guard read, beside what rhea reads in the same bytes. */
function expectSameAsRhea(read: TransferFrame, bytes: Buffer): void {
  const { channel, performative, payload } = frames.read_frame(bytes) ?? {};
  expect(Object.assign({}, read, { payload: Buffer.concat(read.payload) })).toEqual({
    channel,
    handle: performative?.['handle'],
    deliveryId: performative?.['delivery_id'] ?? undefined,
    messageFormat: performative?.['message_format'] ?? 0,
    settled: performative?.['settled'] ?? false,
    more: performative?.['more'] ?? false,
    aborted: performative?.['aborted'] ?? false,
    payload: payload ?? Buffer.alloc(0),
  });
}
const TRANSFER_AT = 6;

describe('the frame guard', () => {
  it('lets a whole conversation through, however it is cut', () => {
    const wire = Buffer.concat(conversation);
    for (const step of [1, 3, 7, 64, 1_000, wire.length]) {
      const guard = new FrameGuard(limits);
      const out: Piece[] = [];
      for (let at = 0; at < wire.length; at += step) out.push(...guard.push(wire.subarray(at, at + step)));
      expect(Buffer.concat(buffers(out))).toEqual(Buffer.concat(conversation.toSpliced(TRANSFER_AT, 1)));
      expect(transfers(out)).toHaveLength(1);
      expectSameAsRhea(transfers(out)[0] as TransferFrame, conversation[TRANSFER_AT] as Buffer);
    }
  });

  it('reads a transfer that was cut anywhere as if it had come whole', () => {
    const fields = {
      handle: 3,
      delivery_id: 70_000,
      delivery_tag: Buffer.alloc(32),
      message_format: 0x80013700,
    };
    const bytes = amqp(frames['transfer']?.({ ...fields, more: true }), Buffer.from('payload'), 9);
    for (let cut = 1; cut < bytes.length; cut++) {
      const guard = opened();
      const pieces = [
        ...guard.push(bytes.subarray(0, cut)),
        ...guard.push(Buffer.concat([bytes.subarray(cut), bytes])),
      ];
      expect(transfers(pieces)).toHaveLength(2);
      for (const read of transfers(pieces)) expectSameAsRhea(read, bytes);
    }
  });

  it('keeps the order of transfers and other frames', () => {
    const flow = conversation[8] as Buffer;
    const transfer = conversation[TRANSFER_AT] as Buffer;
    const pieces = opened().push(Buffer.concat([transfer, flow, flow, transfer, flow]));
    expect(pieces.map((piece) => (Buffer.isBuffer(piece) ? piece.length / flow.length : 'transfer'))).toEqual(
      ['transfer', 2, 'transfer', 1],
    );
  });

  it('hands SASL frames over one by one', () => {
    const before = conversation.slice(0, 6);
    expect(
      new FrameGuard(limits).push(Buffer.concat(before)).map((piece) => (piece as Buffer).length),
    ).toEqual([8, conversation[1]?.length, 8, Buffer.concat(before.slice(3)).length]);
  });

  it('refuses an array of 50 million nulls in 24 bytes', () => {
    const bomb = frame([0x00, 0x53, 0x18, 0xc0, 11, 1, 0xf0, 0, 0, 0, 5, 0x02, 0xfa, 0xf0, 0x80, 0x40]);
    expect(bomb).toHaveLength(24);
    expect(refusal(bomb)).toBe('amqp:decode-error');
  });

  it('hands over what is sound before what is not', () => {
    const sound = amqp(frames['close']?.({}));
    expect(opened().push(Buffer.concat([sound, sound, frame([0x40])]))).toEqual([
      Buffer.concat([sound, sound]),
      expect.any(WireError),
    ]);
  });

  it('refuses a 4 GB frame from its size alone', () => {
    expect(refusal(Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0]))).toBe('amqp:connection:framing-error');
  });

  it.each([
    ['a size below 8', Buffer.from([0, 0, 0, 7, 2, 0, 0, 0])],
    ['a size above the limit', Buffer.from([0, 1, 0, 1, 2, 0, 0, 0])],
    ['a data offset inside the header', frame([], { doff: 1 })],
    ['a data offset behind the frame', frame([], { doff: 3 })],
    ['a SASL frame after SASL', frame([], { type: 1 })],
    ['a channel above the limit', frame([], { channel: 101 })],
    ['bytes behind a performative', amqp(frames['end']?.({}), Buffer.from('x'))],
  ])('refuses %s as a framing error', (_name, bytes) => {
    expect(refusal(bytes)).toBe('amqp:connection:framing-error');
  });

  const inClose = (...value: number[]) => frame([0x00, 0x53, 0x18, 0xc0, value.length + 1, 1, ...value]);
  const nested = (depth: number) => {
    const value = [0x40];
    for (let i = 0; i < depth; i++) value.unshift(0xd0, 0, 0, 0, value.length + 4, 0, 0, 0, 1);
    return value;
  };

  it.each([
    ['an unknown performative', frame([0x00, 0x53, 0x19, 0x45])],
    ['a value that is no performative', frame([0x40])],
    ['a performative that is a map', frame([0x00, 0x53, 0x18, 0xc1, 1, 0])],
    ['an unknown type', inClose(0x57)],
    ['a string longer than the frame', inClose(0xa1, 200, 0x41)],
    ['a list that counts more than it holds', inClose(0xc0, 2, 9, 0x40)],
    ['a list longer than its elements', inClose(0xc0, 3, 1, 0x40, 0x40)],
    ['a list with a size below its count', inClose(0xd0, 0, 0, 0, 1, 0, 0, 0, 0)],
    ['a map with a key only', inClose(0xc1, 2, 1, 0x40)],
    ['an array without a constructor', inClose(0xe0, 1, 0)],
    ['an array of 257 nulls', inClose(0xf0, 0, 0, 0, 5, 0, 0, 1, 1, 0x40)],
    ['an array of lists in place of nothing', inClose(0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x45)],
    ['a begin without its windows', frame([0x00, 0x53, 0x11, 0x45])],
    ['an attach whose name is a list', frame([0x00, 0x53, 0x12, 0xc0, 4, 3, 0x45, 0x43, 0x42])],
    ['a transfer without a handle', frame([0x00, 0x53, 0x14, 0xc0, 2, 1, 0x40])],
    ['a transfer without fields', frame([0x00, 0x53, 0x14, 0x45])],
    ['a transfer without room for its count', frame([0x00, 0x53, 0x14, 0xc0, 0, 1, 0x43])],
    ['a transfer whose handle is a string', frame([0x00, 0x53, 0x14, 0xc0, 3, 1, 0xa1, 0])],
    ['a transfer longer than its frame', frame([0x00, 0x53, 0x14, 0xc0, 9, 1, 0x43])],
    ['a transfer longer than its fields', frame([0x00, 0x53, 0x14, 0xc0, 3, 1, 0x43, 0x43])],
    ['a transfer that counts more fields than it has', frame([0x00, 0x53, 0x14, 0xc0, 2, 9, 0x43])],
    ['a flow with more fields than there are', frame([0x00, 0x53, 0x17, 0xc0, 3, 2, 0x40, 0x40])],
  ])('refuses %s as a decode error', (_name, bytes) => {
    expect(refusal(bytes)).toBe('amqp:decode-error');
  });

  it('takes values nested 31 deep inside a performative, and refuses deeper ones', () => {
    const close = (value: number[]) => {
      const body = [0x00, 0x53, 0x18, 0xd0, 0, 0, 0, 0, 0, 0, 0, 1, ...value];
      const buffer = frame(body);
      buffer.writeUInt32BE(value.length + 4, 8 + 4);
      return buffer;
    };
    expect(refusal(close(nested(20)))).toBe('passed');
    expect(refusal(close(nested(40)))).toBe('amqp:decode-error');
  });

  it('refuses what does not begin with an AMQP 1.0 header', () => {
    for (const header of ['GET / HT', 'AMQP\0\0\x09\x01', 'AMQP\x02\x01\0\0']) {
      expect(new FrameGuard(limits).push(Buffer.from(header, 'latin1'))).toEqual([expect.any(WireError)]);
    }
    const twice = new FrameGuard(limits);
    twice.push(SASL);
    expect(twice.push(SASL)).toEqual([expect.any(WireError)]);
  });

  it('passes nothing that rhea cannot read, and never fails in another way', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...conversation.slice(3)),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      )
      .map(([bytes, changes]) => {
        const buffer = Buffer.from(bytes);
        for (const [at, value] of changes) buffer[4 + (at % (Math.min(buffer.length, 120) - 4))] = value;
        return buffer;
      });
    fc.assert(
      fc.property(mutated, (bytes) => {
        const pieces = opened().push(bytes);
        for (const piece of buffers(pieces)) frames.read_frame(piece);
        for (const read of transfers(pieces)) expectSameAsRhea(read, bytes);
      }),
      { numRuns: 3_000 },
    );
  });
});
