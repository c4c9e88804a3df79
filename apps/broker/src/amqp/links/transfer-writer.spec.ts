import { createRequire } from 'node:module';
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
  const writer = new TransferWriter(link as unknown as Sender, (bytes) => wire.push(bytes));
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
  return { writer, link, outgoing, frames };
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

  it('cuts a message to the client’s frames', () => {
    const { writer, link, frames } = setup({ maxFrame: 512 });
    writer.send([message(1_000)]);
    const parts = frames();
    expect(parts.map(({ payload }) => payload.length)).toEqual([474, 474, 52]);
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
    expect(rest.map(({ payload }) => payload.length)).toEqual([52, 5]);
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
