import { RECORD_HEADER_BYTES } from '@app/partition-log';
import { senderOf, sessionOf, type Sender } from '../rhea.js';

/*
 * A transfer (§2.7.5) as the engine sends it, always settled:
 *
 *   frame header  size:u32 %x02 %x00 channel:u16
 *   performative  %x00.53.14  %xc0.23.0b            ; transfer, list8 of 35 bytes and 11 fields
 *     handle         %x70 u32
 *     delivery-id    %x70 u32
 *     delivery-tag   %xa0.0e, the delivery id and ten zeros: see sendRecords
 *     message-format %x43                           ; 0
 *     settled        %x41                           ; true
 *     more           %x41 / %x42
 *     five more      %x40                           ; null: pyamqp wants the payload behind the 11th field
 *   payload
 */
/** §2.4.1: what every peer must take. */
const MIN_MAX_FRAME_BYTES = 512;
const MAX_WINDOW = 2 ** 31 - 1;

const PREFIX = Buffer.concat([
  Buffer.from([0, 0, 0, 0, 2, 0, 0, 0, 0x00, 0x53, 0x14, 0xc0, 35, 11]),
  Buffer.from([0x70, 0, 0, 0, 0, 0x70, 0, 0, 0, 0, 0xa0, 14]),
  Buffer.alloc(14),
  Buffer.from([0x43, 0x41, 0x42]),
  Buffer.alloc(5, 0x40),
]);
const PREFIX_BYTES = PREFIX.length;
const CHANNEL_AT = 6;
const HANDLE_AT = 15;
const DELIVERY_ID_AT = 20;
const DELIVERY_TAG_AT = 26;
const MORE_AT = 42;
if (PREFIX_BYTES !== RECORD_HEADER_BYTES) throw new Error('a transfer does not take the place of a header');

/**
 * Writes events to a client without rhea's encoder, which costs ten times as much an event. It keeps rhea's
 * counts of the link's credit (§2.6.7) and the session's window (§2.5.6), so that rhea's flows stay right;
 * nothing else may send on the engine's links.
 */
export class TransferWriter {
  private readonly waiting: Buffer[] = [];
  /** Bytes of the first waiting message that went out before the session's window closed. */
  private sent = 0;
  private deliveryId = 0;
  /** What all frames of this link begin with. */
  private prefix: Buffer | undefined;

  constructor(
    private readonly link: Sender,
    private readonly write: (bytes: Buffer, done?: () => void) => void,
  ) {}

  /** How many messages may be given now: 0 while earlier ones wait for the session's window. */
  get room(): number {
    if (this.waiting.length > 0) return 0;
    const room = Math.min(senderOf(this.link).credit, this.window);
    return Number.isFinite(room) ? Math.max(room, 0) : 0;
  }

  /** Sends messages, no more than there is room for. */
  send(messages: readonly Buffer[]): void {
    this.waiting.push(...messages);
    this.resume();
  }

  /**
   * Sends records, no more than there is room for, without copying them: the prefix of a transfer is as long
   * as the header of a record, and takes its place.
   * @param ends where each record ends
   * @param done told once the bytes may change
   */
  sendRecords(bytes: Buffer, ends: readonly number[], done: () => void): void {
    if (this.waiting.length > 0 || ends.length > this.room || longestIn(ends) > this.mostBytes) {
      this.send(payloadsIn(bytes, ends).map((payload) => Buffer.from(payload)));
      done();
      return;
    }
    let deliveryId = this.begin(ends.length);
    let at = 0;
    for (const end of ends) {
      this.writePrefix(bytes, at, end - at, deliveryId);
      deliveryId = (deliveryId + 1) >>> 0;
      at = end;
    }
    this.count(ends.length);
    this.write(at === bytes.length ? bytes : bytes.subarray(0, at), done);
  }

  /** Goes on where the session's window cut a message, or a list of them, short. */
  resume(): void {
    const { waiting } = this;
    const most = this.mostBytes;
    const { frames, bytes } = this.measure(most);
    if (frames === 0) return;
    const out = Buffer.allocUnsafeSlow(bytes);
    let at = 0;
    let done = 0;
    for (let i = 0; i < frames; i++) {
      const payload = waiting[done] as Buffer;
      if (this.sent === 0) this.deliveryId = this.begin(1);
      const to = Math.min(this.sent + most, payload.length);
      at = this.encode(out, at, payload, to);
      this.sent = to;
      if (to < payload.length) continue;
      this.sent = 0;
      done++;
    }
    this.count(frames);
    waiting.splice(0, done);
    this.write(out);
  }

  /** Bytes of a message that one frame takes. */
  private get mostBytes(): number {
    const maxFrame = this.link.connection.max_frame_size as number | null | undefined;
    return Math.max(maxFrame ?? Infinity, MIN_MAX_FRAME_BYTES) - PREFIX_BYTES;
  }

  private count(frames: number): void {
    const { outgoing } = sessionOf(this.link.session);
    outgoing.next_transfer_id = (outgoing.next_transfer_id + frames) >>> 0;
  }

  /** Transfers the client's session still takes; serial numbers wrap at 2^32 (§2.8.10). */
  private get window(): number {
    const { remote_next_transfer_id, remote_window, next_transfer_id } = sessionOf(
      this.link.session,
    ).outgoing;
    return (remote_next_transfer_id + Math.min(remote_window, MAX_WINDOW) - next_transfer_id) | 0;
  }

  /** Frames of what waits that the window has room for, and their bytes, at `most` bytes of payload each. */
  private measure(most: number): { frames: number; bytes: number } {
    const window = Math.max(this.window, 0); // NaN before the first flow: nothing is sent then
    let frames = 0;
    let bytes = 0;
    let { sent } = this;
    for (const payload of this.waiting) {
      if (!(frames < window)) break;
      const left = payload.length - sent;
      const count = Math.min(Math.max(Math.ceil(left / most), 1), window - frames);
      frames += count;
      bytes += count * PREFIX_BYTES + Math.min(left, count * most);
      sent = 0;
    }
    return { frames, bytes };
  }

  /** Takes delivery ids of the session and credit of the link for so many messages; answers the first id. */
  private begin(messages: number): number {
    const { outgoing } = sessionOf(this.link.session);
    const link = senderOf(this.link);
    const deliveryId = outgoing.next_delivery_id;
    outgoing.next_delivery_id = (deliveryId + messages) >>> 0;
    outgoing.next_pending_delivery = outgoing.next_delivery_id;
    link.credit -= messages;
    link.delivery_count += messages;
    return deliveryId;
  }

  private encode(out: Buffer, start: number, payload: Buffer, to: number): number {
    this.writePrefix(out, start, PREFIX_BYTES + to - this.sent, this.deliveryId);
    if (to < payload.length) out[start + MORE_AT] = 0x41;
    return start + PREFIX_BYTES + payload.copy(out, start + PREFIX_BYTES, this.sent, to);
  }

  private writePrefix(out: Buffer, at: number, frameBytes: number, deliveryId: number): void {
    out.set((this.prefix ??= this.makePrefix()), at);
    out.writeUInt32BE(frameBytes, at);
    out.writeUInt32BE(deliveryId, at + DELIVERY_ID_AT);
    out.writeUInt32BE(deliveryId, at + DELIVERY_TAG_AT);
  }

  private makePrefix(): Buffer {
    const prefix = Buffer.from(PREFIX);
    prefix.writeUInt16BE(sessionOf(this.link.session).local.channel, CHANNEL_AT);
    prefix.writeUInt32BE(senderOf(this.link).local.handle, HANDLE_AT);
    return prefix;
  }
}

/** Views of the records' payloads. */
export const payloadsIn = (bytes: Buffer, ends: readonly number[]): Buffer[] =>
  ends.map((end, i) => bytes.subarray((ends[i - 1] ?? 0) + RECORD_HEADER_BYTES, end));

/** Bytes of the longest payload. */
function longestIn(ends: readonly number[]): number {
  let longest = 0;
  let at = 0;
  for (const end of ends) {
    longest = Math.max(longest, end - at - RECORD_HEADER_BYTES);
    at = end;
  }
  return longest;
}
