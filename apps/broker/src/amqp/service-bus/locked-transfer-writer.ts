import { senderOf, sessionOf, type Sender } from '../rhea.js';

/*
 * A transfer (§2.7.5) of a locked message, not settled:
 *
 *   frame header  size:u32 %x02 %x00 channel:u16
 *   performative  %x00.53.14  %xc0.25.0b            ; transfer, list8 of 37 bytes and 11 fields
 *     handle         %x70 u32
 *     delivery-id    %x70 u32
 *     delivery-tag   %xa0.10, the lock token
 *     message-format %x43                           ; 0
 *     settled        %x42                           ; false
 *     more           %x41 / %x42
 *     five more      %x40                           ; null: pyamqp wants the payload behind the 11th field
 *   payload
 */
const MIN_MAX_FRAME_BYTES = 512;
const MAX_WINDOW = 2 ** 31 - 1;
const PREFIX = Buffer.concat([
  Buffer.from([0, 0, 0, 0, 2, 0, 0, 0, 0x00, 0x53, 0x14, 0xc0, 37, 11]),
  Buffer.from([0x70, 0, 0, 0, 0, 0x70, 0, 0, 0, 0, 0xa0, 16]),
  Buffer.alloc(16),
  Buffer.from([0x43, 0x42, 0x42]),
  Buffer.alloc(5, 0x40),
]);
const CHANNEL_AT = 6;
const HANDLE_AT = 15;
const DELIVERY_ID_AT = 20;
const TAG_AT = 26;
const MORE_AT = 44;

export interface LockedTransfer {
  /** 16 bytes. */
  readonly tag: Buffer;
  readonly message: Buffer;
  /** Told the delivery's id when its first frame goes out. */
  sent(deliveryId: number): void;
}

/** Writes locked messages to a client, and keeps rhea's counts of credit and window as `TransferWriter` does. */
export class LockedTransferWriter {
  private readonly waiting: LockedTransfer[] = [];
  /** Bytes of the first waiting message that went out before the session's window closed. */
  private sentBytes = 0;
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

  /** Sends messages, no more than there was room for when they were taken. */
  send(transfers: readonly LockedTransfer[]): void {
    this.waiting.push(...transfers);
    this.resume();
  }

  /** Goes on where the session's window cut a message, or a list of them, short. */
  resume(): void {
    const { waiting } = this;
    const out: Buffer[] = [];
    while (waiting.length > 0 && this.window > 0) {
      const transfer = waiting[0] as LockedTransfer;
      const { message } = transfer;
      if (this.sentBytes === 0) this.begin(transfer);
      const to = Math.min(this.sentBytes + this.mostBytes, message.length);
      out.push(
        this.prefix(transfer.tag, to - this.sentBytes, to < message.length),
        message.subarray(this.sentBytes, to),
      );
      this.countFrame();
      this.sentBytes = to;
      if (to < message.length) continue;
      this.sentBytes = 0;
      waiting.shift();
    }
    if (out.length > 0) this.write(Buffer.concat(out));
  }

  /** Bytes of a message that one frame takes. */
  private get mostBytes(): number {
    const maxFrame = this.link.connection.max_frame_size as number | null | undefined;
    return Math.max(maxFrame ?? Infinity, MIN_MAX_FRAME_BYTES) - PREFIX.length;
  }

  /** Transfers the client's session still takes; serial numbers wrap at 2^32 (§2.8.10). NaN before its first flow. */
  private get window(): number {
    const { remote_next_transfer_id, remote_window, next_transfer_id } = sessionOf(
      this.link.session,
    ).outgoing;
    if (remote_window === undefined) return 0;
    return (remote_next_transfer_id + Math.min(remote_window, MAX_WINDOW) - next_transfer_id) | 0;
  }

  private countFrame(): void {
    const { outgoing } = sessionOf(this.link.session);
    outgoing.next_transfer_id = (outgoing.next_transfer_id + 1) >>> 0;
  }

  private begin(transfer: LockedTransfer): void {
    const { outgoing } = sessionOf(this.link.session);
    const link = senderOf(this.link);
    this.deliveryId = outgoing.next_delivery_id;
    outgoing.next_delivery_id = (this.deliveryId + 1) >>> 0;
    outgoing.next_pending_delivery = outgoing.next_delivery_id;
    link.credit--;
    link.delivery_count++;
    transfer.sent(this.deliveryId);
  }

  private prefix(tag: Buffer, payloadBytes: number, more: boolean): Buffer {
    const prefix = Buffer.from(PREFIX);
    prefix.writeUInt32BE(PREFIX.length + payloadBytes, 0);
    prefix.writeUInt16BE(sessionOf(this.link.session).local.channel, CHANNEL_AT);
    prefix.writeUInt32BE(senderOf(this.link).local.handle, HANDLE_AT);
    prefix.writeUInt32BE(this.deliveryId, DELIVERY_ID_AT);
    tag.copy(prefix, TAG_AT);
    if (more) prefix[MORE_AT] = 0x41;
    return prefix;
  }
}
