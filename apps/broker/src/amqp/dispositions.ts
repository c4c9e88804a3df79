import { encoders, sessionOf, type AmqpError, type Session } from './rhea.js';

/*
 * A disposition (§2.7.6) that accepts:
 *
 *   frame header  size:u32 %x02 %x00 channel:u16
 *   performative  %x00.53.15  %xc0.12.06            ; disposition, list8 of 18 bytes and 6 fields
 *     role           %x41                           ; receiver
 *     first, last    %x70 u32, twice
 *     settled        %x41
 *     state          %x00.53.24.45                  ; accepted
 *     batchable      %x40                           ; null: pyamqp wants every field
 */
const FRAME_BYTES = 31;
const TEMPLATE = Buffer.alloc(FRAME_BYTES);
TEMPLATE.writeUInt32BE(FRAME_BYTES, 0);
TEMPLATE.writeUInt16BE(0x0200, 4);
TEMPLATE.writeUIntBE(0x005315_c01206, 8, 6);
TEMPLATE.set([0x41, 0x70, 0, 0, 0, 0, 0x70, 0, 0, 0, 0, 0x41, 0x00, 0x53, 0x24, 0x45, 0x40], 14);
const ROLE_AT = 14;
const FIRST_AT = 16;
const LAST_AT = 21;

/**
 * Says what became of the deliveries of one session. Deliveries that are accepted in one turn of the event
 * loop, a group commit's worth, share a frame where their ids stand next to each other.
 */
export class Dispositions {
  private accepted: number[] = [];

  constructor(
    private readonly session: Session,
    private readonly write: (bytes: Buffer) => void,
    /** What the engine is on the link: what it received it accepts, what it sent it settles. */
    private readonly role: 'receiver' | 'sender' = 'receiver',
  ) {}

  accept(deliveryId: number): void {
    if (this.accepted.push(deliveryId) === 1) process.nextTick(() => this.flush());
  }

  reject(deliveryId: number, error: AmqpError): void {
    this.flush();
    if (!this.session.is_open()) return;
    const state = encoders.rejected({ error: { ...error } }).described();
    const fields = { role: true, first: deliveryId, last: deliveryId, settled: true, state };
    sessionOf(this.session).output(encoders.disposition(fields));
  }

  private flush(): void {
    const ids = this.accepted;
    if (ids.length === 0) return;
    this.accepted = [];
    ids.sort((a, b) => a - b);
    if (!this.session.is_open()) return; // nobody is left to be told
    let first = ids[0] as number;
    let last = first;
    for (const id of ids) {
      if (id > last + 1) {
        this.write(this.encode(first, last));
        first = id;
      }
      last = id;
    }
    this.write(this.encode(first, last));
  }

  private encode(first: number, last: number): Buffer {
    const frame = Buffer.from(TEMPLATE);
    frame.writeUInt16BE(sessionOf(this.session).local.channel, 6);
    if (this.role === 'sender') frame[ROLE_AT] = 0x42;
    frame.writeUInt32BE(first, FIRST_AT);
    frame.writeUInt32BE(last, LAST_AT);
    return frame;
  }
}
