import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Backlog } from '../send-budget.js';
import type { FrameGuard, Piece } from './frame-guard.js';
import { TransferFrame } from './transfer-frame.js';
import { WireError } from './wire-error.js';

/** A client that does not end its side after we have ended ours is cut off. */
const LINGER_MS = 1_000;

const MAX_JOINED_BYTES = 16 * 1024;

/** What Node reads at once: a chunk as large as this is seldom the last. */
const CHUNK_BYTES = 64 * 1024;
/** A client that has sent so much waits for a turn of the event loop; Node would read 32 chunks of it. */
const BYTES_A_TURN = 128 * 1024;

interface Written {
  readonly bytes: Buffer;
  /** Told when nobody reads the bytes any more. */
  readonly done: (() => void) | undefined;
}

/** §2.3.1: a frame without a body. It means nothing but "still here". */
const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

/**
 * What rhea takes for a socket. Inwards it passes checked frames only; outwards it gathers what is written
 * in one turn of the event loop into one write.
 *
 * A client that did not set TCP_NODELAY holds its next small write back until the last one is acknowledged,
 * which the kernel delays by 40 ms. So when input has produced no output a millisecond later, an empty frame
 * carries the acknowledgement back.
 *
 * Events: `data`, `end`, `error` for rhea; `transfer` (TransferFrame), `violation` (WireError), `heard` (bytes
 * came) and `drain` for the connection.
 */
export class GuardedSocket extends EventEmitter {
  private inbox: Piece[] = [];
  private waiting = false;
  private out: Written[] = [];
  private outBytes = 0;
  private flushing = false;
  private ending = false;
  private quietTimer: NodeJS.Timeout | undefined;
  private deaf = false;
  private paused = false;
  /** The client does not read what it is told, so it is not heard either: what it says earns answers. */
  private unread = false;
  /** Others have their turn, and what the disk has answered is said, before more is read. */
  private resting = false;
  /** Read in full chunks, one behind the other. */
  private streak = 0;
  /** The kernel has what was written. */
  private readonly taken = () => this.unsent.set(this.socket.destroyed ? 0 : this.backlog);
  /** Set once both sides have said `open`: from then on an empty frame may be sent. */
  opened = false;

  constructor(
    private readonly socket: Socket,
    private readonly guard: FrameGuard,
    /** Unsent bytes above which the client is not read. */
    private readonly maxUnreadBytes: number,
    /** Counts what is unsent, with all other connections. */
    private readonly unsent: Backlog,
  ) {
    super();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('end', () => this.emit('end'));
    socket.on('close', () => {
      unsent.set(0);
      this.emit('end');
    });
    socket.on('error', (error) => this.emit('error', error));
    socket.on('drain', () => {
      this.unread = false;
      this.readOrNot();
      this.emit('drain');
    });
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  /** Bytes written and not yet taken by the kernel: grows when the client does not read. */
  get backlog(): number {
    return this.outBytes + this.socket.writableLength;
  }

  /** Whether more may be written: `maxBytes` of this connection, and what all of them may have. */
  hasRoom(maxBytes: number): boolean {
    return this.backlog < maxBytes && this.unsent.hasRoom;
  }

  /** @param done told once the bytes may change: the kernel has them, or nobody will ever get them */
  write(bytes: Buffer, done?: () => void): boolean {
    if (this.socket.destroyed) {
      done?.();
      return false;
    }
    this.out.push({ bytes, done });
    this.outBytes += bytes.length;
    this.unsent.set(this.backlog);
    this.scheduleFlush();
    return true;
  }

  /** Lets what was written out, and what is still written in this turn, then ends the connection. */
  end(): void {
    this.ending = true;
    this.scheduleFlush();
  }

  destroy(): void {
    this.socket.destroy();
  }

  pause(): void {
    this.paused = true;
    this.readOrNot();
  }

  resume(): void {
    this.paused = false;
    this.readOrNot();
  }

  /** Nothing the client says from now on is heard: it broke the protocol. */
  stopListening(): void {
    this.deaf = true;
    this.inbox.length = 0;
  }

  private receive(chunk: Buffer): void {
    if (this.deaf) return;
    this.rest(chunk.length);
    this.emit('heard');
    const pieces = this.guard.push(chunk);
    if (this.waiting) this.inbox.push(...pieces);
    else this.deliver(pieces);
    if (this.opened) this.quietTimer ??= setTimeout(() => this.acknowledge(), 1);
    if (this.backlog <= this.maxUnreadBytes) return;
    this.unread = true; // until 'drain'
    this.readOrNot();
  }

  private rest(bytes: number): void {
    this.streak = bytes < CHUNK_BYTES ? 0 : this.streak + bytes;
    if (this.streak < BYTES_A_TURN) return;
    this.streak = 0;
    this.resting = true;
    this.readOrNot();
    setImmediate(() => {
      this.resting = false;
      this.readOrNot();
    });
  }

  private readOrNot(): void {
    if (this.paused || this.unread || this.resting) this.socket.pause();
    else this.socket.resume();
  }

  private deliver(pieces: readonly Piece[]): void {
    for (let i = 0; i < pieces.length && !this.deaf; i++) {
      const piece = pieces[i] as Piece;
      if (piece instanceof TransferFrame) {
        this.emit('transfer', piece);
      } else if (piece instanceof WireError) {
        this.stopListening();
        this.emit('violation', piece);
      } else {
        const sasl = this.guard.inSasl;
        this.emit('data', piece);
        if (sasl) return this.deliverLater(pieces.slice(i + 1));
      }
    }
  }

  /** rhea settles a SASL step in a promise: the next frame waits until it has. */
  private deliverLater(pieces: Piece[]): void {
    this.inbox = pieces;
    this.waiting = true;
    setImmediate(() => {
      this.waiting = false;
      this.deliver(this.inbox.splice(0));
    });
  }

  private scheduleFlush(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.flushing = false;
    const { out, outBytes: bytes } = this;
    this.out = [];
    this.outBytes = 0;
    if (this.socket.destroyed) {
      for (const { done } of out) done?.();
      return;
    }
    clearTimeout(this.quietTimer);
    this.quietTimer = undefined;
    this.writeOut(out, bytes);
    this.unsent.set(this.backlog);
    if (!this.ending) return;
    this.socket.end();
    this.socket.setTimeout(LINGER_MS, () => this.socket.destroy());
  }

  /** Small pieces go out as one buffer, large ones side by side in one system call, without being copied. */
  private writeOut(out: readonly Written[], bytes: number): void {
    if (bytes <= MAX_JOINED_BYTES && out.length > 1) {
      const joined = out.map((piece) => piece.bytes);
      this.socket.write(Buffer.concat(joined, bytes), this.taken);
      for (const { done } of out) done?.();
      return;
    }
    const last = out.at(-1);
    if (out.length > 1) this.socket.cork();
    for (const piece of out) {
      this.socket.write(piece.bytes, () => {
        piece.done?.();
        if (piece === last) this.taken();
      });
    }
    if (out.length > 1) this.socket.uncork();
  }

  private acknowledge(): void {
    this.quietTimer = undefined;
    if (!this.ending && !this.socket.destroyed && this.out.length === 0) this.socket.write(EMPTY_FRAME);
  }
}
