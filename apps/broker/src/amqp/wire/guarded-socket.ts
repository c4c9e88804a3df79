import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { FrameGuard } from './frame-guard.js';
import { WireError } from './wire-error.js';

/** A client that does not end its side after we have ended ours is cut off. */
const LINGER_MS = 1_000;

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
 * Events: `data`, `end`, `error` for rhea; `violation` (WireError) and `drain` for the connection.
 */
export class GuardedSocket extends EventEmitter {
  private readonly inbox: (Buffer | WireError)[] = [];
  private delivering = false;
  private out: Buffer[] = [];
  private outBytes = 0;
  private flushing = false;
  private ending = false;
  private quietTimer: NodeJS.Timeout | undefined;
  private deaf = false;
  /** Set once both sides have said `open`: from then on an empty frame may be sent. */
  opened = false;

  constructor(
    private readonly socket: Socket,
    private readonly guard: FrameGuard,
  ) {
    super();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('end', () => this.emit('end'));
    socket.on('close', () => this.emit('end'));
    socket.on('error', (error) => this.emit('error', error));
    socket.on('drain', () => this.emit('drain'));
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  /** Bytes written and not yet taken by the kernel: grows when the client does not read. */
  get backlog(): number {
    return this.outBytes + this.socket.writableLength;
  }

  write(bytes: Buffer): boolean {
    this.out.push(bytes);
    this.outBytes += bytes.length;
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
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Nothing the client says from now on is heard: it broke the protocol. */
  stopListening(): void {
    this.deaf = true;
    this.inbox.length = 0;
  }

  private receive(chunk: Buffer): void {
    if (this.deaf) return;
    this.inbox.push(...this.guard.push(chunk));
    if (!this.delivering) void this.deliver();
    if (this.opened) this.quietTimer ??= setTimeout(() => this.acknowledge(), 1);
  }

  /** rhea settles a SASL step in a promise: the next frame waits until it has. */
  private async deliver(): Promise<void> {
    this.delivering = true;
    for (let piece = this.inbox.shift(); piece !== undefined; piece = this.inbox.shift()) {
      if (piece instanceof WireError) {
        this.stopListening();
        this.emit('violation', piece);
        break;
      }
      const sasl = this.guard.inSasl;
      this.emit('data', piece);
      if (sasl) await new Promise((done) => setImmediate(done));
    }
    this.delivering = false;
  }

  private scheduleFlush(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.flushing = false;
    if (this.socket.destroyed) return;
    clearTimeout(this.quietTimer);
    this.quietTimer = undefined;
    const { out } = this;
    this.out = [];
    this.outBytes = 0;
    if (out.length > 0) this.socket.write(out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out));
    if (!this.ending) return;
    this.socket.end();
    this.socket.setTimeout(LINGER_MS, () => this.socket.destroy());
  }

  private acknowledge(): void {
    this.quietTimer = undefined;
    if (!this.ending && !this.socket.destroyed && this.out.length === 0) this.socket.write(EMPTY_FRAME);
  }
}
