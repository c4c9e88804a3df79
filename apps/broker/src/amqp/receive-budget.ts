/** Somebody whose bytes count: one connection. */
export interface Sharer {
  /** Its socket is read, or not. */
  read(wanted: boolean): void;
  /** It holds memory that others wait for, and sends nothing more. */
  stalled(): void;
}

/** What a socket may bring in one read after it is told to go on. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Bounds what all connections together have sent and the disk does not have yet: `maxBytes`, one read of
 * each socket, and one message.
 *
 *   above the bound   who holds more than an equal part is not read; who holds less sends on
 *   below it again    they are read in the order in which they were stopped
 *   nothing on its way to the disk, and still above: unfinished messages hold all of it. The one that has
 *                     most of its message here is read until the message is whole
 *   somebody is stopped, and one who is read has an unfinished message and sent nothing for `stalledMs`:
 *                     it is given up, so that whole messages come through
 */
export class ReceiveBudget {
  private readonly shares = new Set<Share>();
  /** In the order in which they were stopped. */
  private readonly stopped = new Set<Share>();
  private favoured: Share | undefined;
  private timer: NodeJS.Timeout | undefined;
  private going: NodeJS.Immediate | undefined;
  private unacknowledged = 0;
  private held = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly stalledMs: number,
  ) {}

  /** Bytes that are held now. */
  get bytes(): number {
    return this.held;
  }

  open(sharer: Sharer): Share {
    return new Share(sharer, (share, arriving, unacknowledged) =>
      this.change(share, arriving, unacknowledged),
    );
  }

  private change(share: Share, arriving: number, unacknowledged: number): void {
    share.arriving += arriving;
    share.unacknowledged += unacknowledged;
    share.moved ||= arriving > 0;
    this.unacknowledged += unacknowledged;
    this.held += arriving + unacknowledged;
    if (share.bytes > 0) this.shares.add(share);
    else this.shares.delete(share);
    if (share === this.favoured && share.arriving === 0) this.favoured = undefined;
    if (arriving + unacknowledged > 0 && this.held > this.maxBytes && share !== this.favoured) {
      if (share.bytes > this.maxBytes / this.shares.size) this.stop(share);
    }
    if (this.stopped.size > 0) this.goOnLater();
  }

  private stop(share: Share): void {
    if (this.stopped.has(share)) return;
    this.stopped.add(share);
    share.sharer.read(false);
    this.timer ??= setInterval(() => this.giveUpStalled(), this.stalledMs).unref();
  }

  /** In a moment: a message that has become whole counts as on its way to the disk by then. */
  private goOnLater(): void {
    this.going ??= setImmediate(() => this.goOn());
  }

  private goOn(): void {
    this.going = undefined;
    let room = this.maxBytes - this.held - CHUNK_BYTES;
    for (const share of this.stopped) {
      if (room < 0) break;
      room -= CHUNK_BYTES;
      this.start(share);
    }
    if (this.stopped.size > 0 && this.unacknowledged === 0 && this.favoured === undefined) {
      this.favoured = [...this.stopped].reduce((most, one) => (one.arriving > most.arriving ? one : most));
      this.start(this.favoured);
    }
    if (this.stopped.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private start(share: Share): void {
    share.moved = true; // it has the whole time to send something
    this.stopped.delete(share);
    share.sharer.read(true);
  }

  private giveUpStalled(): void {
    for (const share of this.shares) {
      const stalls = share.arriving > 0 && !share.moved && !this.stopped.has(share);
      share.moved = false;
      if (stalls) share.sharer.stalled();
    }
  }

  /** The connection is gone; what is on its way to the disk is still counted down as it gets there. */
  leave(share: Share): void {
    this.stopped.delete(share);
    if (share === this.favoured) this.favoured = undefined;
    this.change(share, -share.arriving, 0);
  }
}

/** What one connection holds. */
export class Share {
  arriving = 0;
  unacknowledged = 0;
  /** Whether anything of a message came since the last look. */
  moved = true;

  constructor(
    readonly sharer: Sharer,
    private readonly change: (share: Share, arriving: number, unacknowledged: number) => void,
  ) {}

  get bytes(): number {
    return this.arriving + this.unacknowledged;
  }

  /** Counts bytes of messages that are not whole yet. */
  countArriving(bytes: number): void {
    this.change(this, bytes, 0);
  }

  /** Counts bytes on their way to the disk. */
  countUnacknowledged(bytes: number): void {
    this.change(this, 0, bytes);
  }
}
