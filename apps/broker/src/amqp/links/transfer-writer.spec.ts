import { createRequire } from 'node:module';
import { RECORD_HEADER_BYTES } from '@app/partition-log';
import type { Sender } from '../rhea.js';
import { TransferWriter } from './transfer-writer.js';

interface Transfer {
  handle: number;
  delivery_id: number;
  delivery_tag: Buffer;
  message_format: number;
  settled: boolean;
  more: boolean;
}
interface Frame {
  channel: number;
  performative: Transfer;
  payload: Buffer;
}
/** rhea reads what the writer wrote: its codec is the oracle. */
const rheaFrames = createRequire(import.meta.url)('rhea/lib/frames.js') as {
  read_frame(bytes: Buffer): Frame;
};

function setup({ credit = 100, window = 100, maxFrame = undefined as number | undefined } = {}) {
  const outgoing = {
    next_delivery_id: 7,
    next_pending_delivery: 7,
    next_transfer_id: 50,
    remote_next_transfer_id: 50,
    remote_window: window,
  };
  const session = { outgoing, local: { channel: 300 } };
  const link = {
    credit,
    delivery_count: 0,
    local: { handle: 2 },
    session,
    connection: { max_frame_size: maxFrame },
  };
  const wire: Buffer[] = [];
  /** Of writes that wait to be told: the socket has not taken them. */
  const waiting: ((() => void) | undefined)[] = [];
  const write = (bytes: Buffer, done?: () => void) => {
    wire.push(bytes);
    waiting.push(done);
  };
  const writer = new TransferWriter(link as unknown as Sender, write);
  /** What was written since the last look. */
  const frames = () => {
    const found: Frame[] = [];
    for (
      let rest = Buffer.concat(wire.splice(0));
      rest.length > 0;
      rest = rest.subarray(rest.readUInt32BE(0))
    ) {
      found.push(rheaFrames.read_frame(rest.subarray(0, rest.readUInt32BE(0))));
    }
    return found;
  };
  return { writer, link, outgoing, frames, waiting };
}
const message = (length: number, fill = 1) => Buffer.alloc(length, fill);

describe('the transfer writer', () => {
  it('writes settled transfers that rhea reads, and keeps the counts', () => {
    const { writer, link, outgoing, frames } = setup();
    writer.send([message(10), message(300, 2)]);
    const [first, second] = frames();
    expect(first).toMatchObject({ channel: 300, payload: message(10) });
    const { handle, delivery_id, message_format, settled, more } = (first as Frame).performative;
    expect({ handle, delivery_id, message_format, settled, more }).toEqual({
      handle: 2,
      delivery_id: 7,
      message_format: 0,
      settled: true,
      more: false,
    });
    expect(second?.performative.delivery_id).toBe(8);
    expect(second?.payload).toEqual(message(300, 2));
    expect(link).toMatchObject({ credit: 98, delivery_count: 2 });
    expect(outgoing).toMatchObject({ next_delivery_id: 9, next_pending_delivery: 9, next_transfer_id: 52 });
  });

  /** Records as a log copies them out, into a block that goes on behind them. */
  const records = (...payloads: Buffer[]) => {
    const header = Buffer.alloc(RECORD_HEADER_BYTES, 0xee);
    let end = 0;
    const ends = payloads.map((payload) => (end += RECORD_HEADER_BYTES + payload.length));
    const bytes = Buffer.concat([...payloads.flatMap((payload) => [header, payload]), message(50, 0xff)]);
    return { bytes, ends };
  };

  it('writes records as the same transfers, where they lie', () => {
    const payloads = [message(10), message(300, 2), message(1, 3)];
    const [one, other] = [setup(), setup()];
    const { bytes, ends } = records(...payloads);
    let done = false;
    one.writer.sendRecords(bytes, ends, () => (done = true));
    other.writer.send(payloads);
    expect(one.link).toMatchObject({ credit: 97, delivery_count: 3 });
    expect(one.outgoing).toEqual(other.outgoing);
    const frames = one.frames();
    expect(frames.map(({ payload }) => payload)).toEqual(payloads);
    expect(frames.map(({ performative }) => performative.delivery_id)).toEqual([7, 8, 9]);
    expect(frames).toEqual(other.frames());
    expect(done).toBe(false); // the socket says when
    one.waiting[0]?.();
    expect(done).toBe(true);
  });

  it.each([
    ['larger than a frame', { maxFrame: 512 }, {}],
    ['more than the window has room for', {}, { remote_window: 1 }],
  ])('keeps a copy of records that are %s, and gives the block back at once', (_what, options, later) => {
    const { writer, outgoing, frames } = setup(options);
    Object.assign(outgoing, later);
    const payloads = [message(1_000), message(5, 2)];
    const { bytes, ends } = records(...payloads);
    let done = false;
    writer.sendRecords(bytes, ends, () => (done = true));
    expect(done).toBe(true);
    bytes.fill(0xdd); // as whoever takes the block next does
    const sent = frames();
    Object.assign(outgoing, { remote_window: 1_000 });
    writer.resume();
    sent.push(...frames());
    expect(Buffer.concat(sent.map(({ payload }) => payload))).toEqual(Buffer.concat(payloads));
    expect(sent.filter(({ performative }) => !performative.more)).toHaveLength(2);
  });

  it('lets records wait behind those that wait for the window', () => {
    const { writer, outgoing, frames } = setup({ maxFrame: 512, window: 2 });
    writer.send([message(1_000), message(5, 2)]);
    const { bytes, ends } = records(message(6, 3));
    writer.sendRecords(bytes, ends, () => undefined);
    bytes.fill(0xdd);
    expect(frames()).toHaveLength(2);
    Object.assign(outgoing, { remote_next_transfer_id: 52, remote_window: 10 });
    writer.resume();
    expect(frames().map(({ payload }) => payload)).toEqual([message(72), message(5, 2), message(6, 3)]);
  });

  it('cuts a message to the client’s frames', () => {
    const { writer, link, frames } = setup({ maxFrame: 512 });
    writer.send([message(1_000)]);
    const parts = frames();
    expect(parts.map(({ payload }) => payload.length)).toEqual([464, 464, 72]);
    expect(parts.map(({ performative }) => performative.more)).toEqual([true, true, false]);
    expect(parts.map(({ performative }) => performative.delivery_id)).toEqual([7, 7, 7]);
    expect(link.credit).toBe(99);
  });

  it('stops where the session’s window ends, in the middle of a message too, and goes on when it opens', () => {
    const { writer, outgoing, frames } = setup({ maxFrame: 512, window: 2 });
    writer.send([message(1_000), message(5, 2)]);
    expect(frames()).toHaveLength(2);
    expect(writer.room).toBe(0);
    outgoing.next_delivery_id++; // another link of the session sends meanwhile
    Object.assign(outgoing, { remote_next_transfer_id: 52, remote_window: 10 });
    writer.resume();
    const rest = frames();
    expect(rest.map(({ payload }) => payload.length)).toEqual([72, 5]);
    expect(rest.map(({ performative }) => performative.delivery_id)).toEqual([7, 9]);
    expect(writer.room).toBe(8);
  });

  it('has room for no more than credit and window allow', () => {
    expect(setup({ credit: 3 }).writer.room).toBe(3);
    expect(setup({ window: 4 }).writer.room).toBe(4);
    expect(setup({ credit: -1 }).writer.room).toBe(0);
    expect(setup({ window: 4_294_967_295 }).writer.room).toBe(100);
    const { writer, outgoing } = setup();
    Object.assign(outgoing, { remote_next_transfer_id: undefined }); // no flow came yet
    expect(writer.room).toBe(0);
  });

  it('counts transfers over the end of their numbers', () => {
    const { writer, outgoing, frames } = setup();
    Object.assign(outgoing, { next_transfer_id: 4_294_967_295, remote_next_transfer_id: 4_294_967_290 });
    expect(writer.room).toBe(95);
    writer.send([message(1), message(1)]);
    expect(frames()).toHaveLength(2);
    expect(outgoing.next_transfer_id).toBe(1);
    expect(writer.room).toBe(93);
  });
});
