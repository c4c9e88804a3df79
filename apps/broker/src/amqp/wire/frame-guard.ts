import { checkPerformative, TRANSFER } from './performatives.js';
import { WireError } from './wire-error.js';

export interface FrameLimits {
  /** Bytes of a frame, header included: what `open` promises. */
  readonly maxFrameBytes: number;
  /** Highest channel number. */
  readonly channelMax: number;
}

const PROTOCOL_HEADER_BYTES = 8;
const FRAME_HEADER_BYTES = 8;
const AMQP = 0x414d5150;
const protocolIds: Record<number, 'amqp' | 'sasl'> = { 0: 'amqp', 3: 'sasl' };
const frameTypes: Record<'amqp' | 'sasl', number> = { amqp: 0, sasl: 1 };

/**
 * Stands in front of the AMQP parser and lets only whole, sound frames through.
 *
 *   connection = [ "AMQP" %d3.1.0.0 *sasl-frame ] "AMQP" %d0.1.0.0 *amqp-frame            ; §2.2, §5.3
 *   frame      = size:u32 doff:u8 type:u8 channel:u16 extended-header body                  ; §2.3.1
 *
 * It never holds more than one frame: a larger size is refused before its bytes are awaited.
 */
export class FrameGuard {
  private rest: Buffer = Buffer.alloc(0);
  private state: 'start' | 'sasl' | 'amqp' = 'start';

  constructor(private readonly limits: FrameLimits) {}

  /** Whether the next frames belong to the SASL layer. */
  get inSasl(): boolean {
    return this.state === 'sasl';
  }

  /**
   * Takes bytes as they come; answers the protocol headers and frames that are whole now, one buffer each
   * (neighbouring AMQP frames in one). An error in the last place: what follows cannot be understood any more.
   */
  push(chunk: Buffer): (Buffer | WireError)[] {
    const input = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const pieces: (Buffer | WireError)[] = [];
    let passed = 0;
    try {
      for (let end = this.nextPiece(input, 0); end > passed; end = this.nextPiece(input, passed)) {
        pieces.push(input.subarray(passed, end));
        passed = end;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      pieces.push(error);
    }
    this.rest = input.subarray(passed);
    return pieces;
  }

  /** The end of the next header or frames that may be handed over together; `from` where none is whole. */
  private nextPiece(input: Buffer, from: number): number {
    let at = from;
    while (input.length - at >= PROTOCOL_HEADER_BYTES) {
      if (this.state !== 'amqp' && input.readUInt32BE(at) === AMQP) {
        this.state = this.protocolHeader(input, at);
        return at + PROTOCOL_HEADER_BYTES;
      }
      if (this.state === 'start') throw framing('the connection does not begin with an AMQP 1.0 header');
      try {
        const size = this.frameSize(input, at);
        if (input.length - at < size) break;
        this.checkFrame(input, at, at + size, this.state);
        at += size;
      } catch (error) {
        if (at > from) break; // hand over what is sound first: the next look finds this again
        throw error;
      }
      if (this.state === 'sasl') break;
    }
    return at;
  }

  private protocolHeader(input: Buffer, at: number): 'amqp' | 'sasl' {
    const layer = protocolIds[input[at + 4] as number];
    const version = input.readUIntBE(at + 5, 3);
    const again = this.state === 'sasl' && layer === 'sasl';
    if (layer === undefined || version !== 0x010000 || again) throw framing('only AMQP 1.0 is spoken here');
    return layer;
  }

  private frameSize(input: Buffer, at: number): number {
    const size = input.readUInt32BE(at);
    if (size < FRAME_HEADER_BYTES) throw framing(`a frame of ${size} bytes`);
    if (size > this.limits.maxFrameBytes) {
      throw framing(`a frame of ${size} bytes, ${this.limits.maxFrameBytes} are taken`);
    }
    return size;
  }

  private checkFrame(input: Buffer, at: number, end: number, layer: 'amqp' | 'sasl'): void {
    const bodyAt = at + (input[at + 4] as number) * 4;
    if (bodyAt < at + FRAME_HEADER_BYTES || bodyAt > end)
      throw framing('the data offset lies outside the frame');
    if (input[at + 5] !== frameTypes[layer]) throw framing(`frame type ${input[at + 5]} has no place here`);
    if (layer === 'amqp' && input.readUInt16BE(at + 6) > this.limits.channelMax) {
      throw framing(`channel ${input.readUInt16BE(at + 6)}, ${this.limits.channelMax} is the highest`);
    }
    if (bodyAt === end && layer === 'amqp') return; // an empty frame: the peer is alive (§2.4.5)
    const { descriptor, payloadAt } = checkPerformative(input, bodyAt, end, layer);
    if (payloadAt !== end && descriptor !== TRANSFER) throw framing('bytes behind a performative');
  }
}

const framing = (message: string): WireError => new WireError('amqp:connection:framing-error', message);
