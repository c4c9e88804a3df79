import { senderOf, sessionOf, type Sender } from '../rhea.js';

/*
 * A transfer (§2.7.5) as the engine sends it, always settled:
 *
 *   frame header  size:u32 %x02 %x00 channel:u16
 *   performative  %x00.53.14  %xc0.19.0b            ; transfer, list8 of 25 bytes and 11 fields
 *     handle         %x70 u32
 *     delivery-id    %x70 u32
 *     delivery-tag   %xa0.04 and the delivery id
 *     message-format %x43                           ; 0
 *     settled        %x41                           ; true
 *     more           %x41 / %x42
 *     five more      %x40                           ; null: pyamqp wants the payload behind the 11th field
 *   payload
 */
const PREFIX_BYTES = 38;
/** §2.4.1: what every peer must take. */
const MIN_MAX_FRAME_BYTES = 512;
const MAX_WINDOW = 2 ** 31 - 1;

interface Piece {
  readonly payload: Buffer;
  readonly deliveryId: number;
  readonly from: number;
  readonly to: number;
}

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

  constructor(
    private readonly link: Sender,
    private readonly write: (bytes: Buffer) => void,
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

  /** Goes on where the session's window cut a message, or a list of them, short. */
  resume(): void {
    if (this.waiting.length === 0) return;
    const pieces = this.cut();
    const bytes = pieces.reduce((sum, { from, to }) => sum + PREFIX_BYTES + to - from, 0);
    if (bytes === 0) return;
    const out = Buffer.allocUnsafeSlow(bytes);
    let at = 0;
    for (const piece of pieces) at = this.encode(out, at, piece);
    this.write(out);
  }

  /** Transfers the client's session still takes; serial numbers wrap at 2^32 (§2.8.10). */
  private get window(): number {
    const { remote_next_transfer_id, remote_window, next_transfer_id } = sessionOf(
      this.link.session,
    ).outgoing;
    return (remote_next_transfer_id + Math.min(remote_window, MAX_WINDOW) - next_transfer_id) | 0;
  }

  /** Takes from what waits what the window has room for, in pieces of the client's frame size. */
  private cut(): Piece[] {
    const { outgoing } = sessionOf(this.link.session);
    const maxFrame = this.link.connection.max_frame_size as number | null | undefined;
    const most = Math.max(maxFrame ?? Infinity, MIN_MAX_FRAME_BYTES) - PREFIX_BYTES;
    const pieces: Piece[] = [];
    let payload = this.waiting[0];
    for (let window = this.window; window > 0 && payload !== undefined; window--) {
      if (this.sent === 0) this.deliveryId = this.begin();
      const to = Math.min(this.sent + most, payload.length);
      pieces.push({ payload, deliveryId: this.deliveryId, from: this.sent, to });
      outgoing.next_transfer_id = (outgoing.next_transfer_id + 1) >>> 0;
      this.sent = to;
      if (to < payload.length) continue;
      this.waiting.shift();
      this.sent = 0;
      payload = this.waiting[0];
    }
    return pieces;
  }

  /** Takes a delivery id of the session and a credit of the link. */
  private begin(): number {
    const { outgoing } = sessionOf(this.link.session);
    const link = senderOf(this.link);
    const deliveryId = outgoing.next_delivery_id;
    outgoing.next_delivery_id = (deliveryId + 1) >>> 0;
    outgoing.next_pending_delivery = outgoing.next_delivery_id;
    link.credit--;
    link.delivery_count++;
    return deliveryId;
  }

  private encode(out: Buffer, start: number, { payload, deliveryId, from, to }: Piece): number {
    let at = out.writeUInt32BE(PREFIX_BYTES + to - from, start);
    at = out.writeUInt16BE(0x0200, at);
    at = out.writeUInt16BE(sessionOf(this.link.session).local.channel, at);
    at = out.writeUIntBE(0x005314_c0190b, at, 6);
    at = out.writeUInt8(0x70, at);
    at = out.writeUInt32BE(senderOf(this.link).local.handle, at);
    at = out.writeUInt8(0x70, at);
    at = out.writeUInt32BE(deliveryId, at);
    at = out.writeUInt16BE(0xa004, at);
    at = out.writeUInt32BE(deliveryId, at);
    at = out.writeUInt16BE(0x4341, at);
    at = out.writeUInt8(to < payload.length ? 0x41 : 0x42, at);
    at = out.writeUInt32BE(0x40404040, at);
    at = out.writeUInt8(0x40, at);
    return at + payload.copy(out, at, from, to);
  }
}
