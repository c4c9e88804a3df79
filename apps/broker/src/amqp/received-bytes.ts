import type { Limits } from '../config/limits.js';
import type { ReceiveBudget, Share } from './receive-budget.js';
import type { AmqpError } from './rhea.js';

interface Socket {
  pause(): void;
  resume(): void;
}

/** What one connection has sent and the disk does not have yet, held to the connection's limits and the engine's. */
export class ReceivedBytes {
  private readonly share: Share;
  private tooMuch = false;
  private wanted = true;

  constructor(
    private readonly limits: Limits,
    private readonly socket: Socket,
    budget: ReceiveBudget,
    close: (error: AmqpError) => void,
  ) {
    this.share = budget.open({
      read: (wanted) => {
        this.wanted = wanted;
        this.readOrNot();
      },
      stalled: () => {
        const description =
          'A message that has begun is not sent on, and the engine has no memory to wait for it.';
        close({ condition: 'amqp:resource-limit-exceeded', description });
      },
    });
    this.leave = () => budget.leave(this.share);
  }

  /** The connection is gone. */
  readonly leave: () => void;

  /**
   * Counts bytes of messages that have begun to arrive.
   * @throws Error more of them than a connection may have
   */
  arriving(bytes: number): void {
    this.share.countArriving(bytes);
    if (bytes > 0 && this.share.arriving > this.limits.maxArrivingBytes)
      throw new Error('too many unfinished messages');
  }

  /** Counts bytes on their way to the disk. */
  unacknowledged(bytes: number): void {
    this.share.countUnacknowledged(bytes);
    const { maxUnacknowledgedBytes } = this.limits;
    const before = this.tooMuch;
    if (this.share.unacknowledged > maxUnacknowledgedBytes) this.tooMuch = true;
    else if (this.share.unacknowledged < maxUnacknowledgedBytes / 2) this.tooMuch = false;
    if (this.tooMuch !== before) this.readOrNot();
  }

  private readOrNot(): void {
    if (this.tooMuch || !this.wanted) this.socket.pause();
    else this.socket.resume();
  }
}
