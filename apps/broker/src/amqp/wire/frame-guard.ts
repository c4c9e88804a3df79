import { HeldFrame } from './held-frame.js';
import { checkPerformative } from './performatives.js';
import { readTransfer, TransferFrame, transferEnd } from './transfer-frame.js';
import { WireError } from './wire-error.js';

export interface FrameLimits {
  /** Bytes of a frame, header included: what `open` promises. */
  readonly maxFrameBytes: number;
  /** Highest channel number. */
  readonly channelMax: number;
}

/** Bytes for rhea, a transfer for the engine's own path, or why nothing more can be understood. */
export type Piece = Buffer | TransferFrame | WireError;

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
 * It never holds more than one frame: a larger size is refused before its bytes are awaited. Transfers are
 * read on the way, everything else is handed over as bytes.
 */
export class FrameGuard {
  private readonly held = new HeldFrame();
  private state: 'start' | 'sasl' | 'amqp' = 'start';

  constructor(private readonly limits: FrameLimits) {}

  /** Whether the next frames belong to the SASL layer. */
  get inSasl(): boolean {
    return this.state === 'sasl';
  }

  /**
   * Takes bytes as they come; answers what is whole now, in order: protocol headers and SASL frames one by
   * one, transfers, and AMQP frames between them together in one buffer. An error stands in the last place:
   * what follows cannot be understood any more.
   */
  push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let input = chunk;
    let at = 0;
    const { missing } = this.held;
    if (missing > chunk.length) {
      this.held.add(chunk);
      return pieces;
    }
    if (missing > 0) {
      // The held frame ends inside this chunk: only it is put together, not all that follows.
      at = missing;
      if (!this.finish(this.held.take(chunk.subarray(0, missing)), pieces)) return pieces;
    } else if (!this.held.isEmpty) {
      input = Buffer.concat(this.held.take(chunk));
    }
    const passed = this.scan(input, at, pieces);
    if (passed < input.length) this.held.begin(input.subarray(passed), this.wholeSize(input, passed));
    return pieces;
  }

  /** Passes one AMQP frame that came in parts; answers whether it was sound. */
  private finish(parts: Buffer[], pieces: Piece[]): boolean {
    const first = parts[0] as Buffer;
    const bodyAt = (first[4] as number) * 4;
    const end = transferEnd(first, bodyAt);
    if (end === undefined || bodyAt < FRAME_HEADER_BYTES) {
      const frame = Buffer.concat(parts);
      return this.scan(frame, 0, pieces) === frame.length;
    }
    try {
      this.checkHeader(first, 0, 'amqp');
      const frame = new TransferFrame(first.readUInt16BE(6), parts);
      readTransfer(first, bodyAt, end, frame);
      parts[0] = first.subarray(end);
      pieces.push(frame);
      return true;
    } catch (error) {
      pieces.push(asWireError(error));
      return false;
    }
  }

  /** Passes what is whole from `from` on; answers where it stopped. */
  private scan(input: Buffer, from: number, pieces: Piece[]): number {
    let at = from;
    let run = from; // what is sound and not handed over yet
    const handOver = () => {
      if (at > run) pieces.push(input.subarray(run, at));
      run = at;
    };
    try {
      while (input.length - at >= FRAME_HEADER_BYTES) {
        if (this.state !== 'amqp' && input.readUInt32BE(at) === AMQP) {
          this.state = this.protocolHeader(input, at);
          at += PROTOCOL_HEADER_BYTES;
          handOver();
          continue;
        }
        if (this.state === 'start') throw framing('the connection does not begin with an AMQP 1.0 header');
        const end = at + this.frameSize(input, at);
        if (end > input.length) break;
        const transfer = this.checkFrame(input, at, end, this.state);
        if (transfer !== undefined) {
          handOver();
          pieces.push(transfer);
          run = end;
        }
        at = end;
        if (this.state === 'sasl') handOver();
      }
      handOver();
    } catch (error) {
      handOver(); // what is sound comes first
      pieces.push(asWireError(error));
    }
    return at;
  }

  /** How many bytes the AMQP frame that begins at `at` has, where that is known: it has been checked by now. */
  private wholeSize(input: Buffer, at: number): number | undefined {
    const known = this.state === 'amqp' && input.length - at >= FRAME_HEADER_BYTES;
    return known ? input.readUInt32BE(at) : undefined;
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

  private checkHeader(input: Buffer, at: number, layer: 'amqp' | 'sasl'): void {
    if (input[at + 5] !== frameTypes[layer]) throw framing(`frame type ${input[at + 5]} has no place here`);
    if (layer === 'amqp' && input.readUInt16BE(at + 6) > this.limits.channelMax) {
      throw framing(`channel ${input.readUInt16BE(at + 6)}, ${this.limits.channelMax} is the highest`);
    }
  }

  /** Answers a transfer; undefined for any other sound frame. */
  private checkFrame(
    input: Buffer,
    at: number,
    end: number,
    layer: 'amqp' | 'sasl',
  ): TransferFrame | undefined {
    const bodyAt = at + (input[at + 4] as number) * 4;
    if (bodyAt < at + FRAME_HEADER_BYTES || bodyAt > end)
      throw framing('the data offset lies outside the frame');
    this.checkHeader(input, at, layer);
    if (bodyAt === end && layer === 'amqp') return undefined; // an empty frame: the peer is alive (§2.4.5)
    const transferred = layer === 'amqp' ? transferEnd(input, bodyAt) : undefined;
    if (transferred === undefined || transferred > end) {
      const { payloadAt } = checkPerformative(input, bodyAt, end, layer);
      if (payloadAt !== end) throw framing('bytes behind a performative');
      return undefined;
    }
    const frame = new TransferFrame(input.readUInt16BE(at + 6), [input.subarray(transferred, end)]);
    readTransfer(input, bodyAt, transferred, frame);
    return frame;
  }
}

function asWireError(error: unknown): WireError {
  if (error instanceof WireError) return error;
  throw error;
}

const framing = (message: string): WireError => new WireError('amqp:connection:framing-error', message);
