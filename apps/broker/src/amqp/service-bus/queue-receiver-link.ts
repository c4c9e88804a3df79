import { setImmediate } from 'node:timers/promises';
import { giveBack } from '../../service-bus/changes.js';
import type { MessageQueue } from '../../service-bus/message-queue.js';
import {
  receiveAndDelete,
  receiveLocked,
  settle,
  type Held,
  type Received,
} from '../../service-bus/receiving.js';
import type { Bus } from '../../service-bus/bus.js';
import { errorOf } from '../errors.js';
import { connectionOf, senderOf, type AmqpError, type Sender } from '../rhea.js';
import type { LinkContext, ServerLink } from '../links/server-link.js';
import type { TransferWriter } from '../links/transfer-writer.js';
import { deliveredMessage } from './delivered-message.js';
import { tagOf } from './lock-tokens.js';
import { LockedTransferWriter } from './locked-transfer-writer.js';
import type { UnsettledDeliveries } from './unsettled.js';

/** Messages that one link has locked at most. */
const MAX_UNSETTLED = 5_000;
const AT_ONCE = 500;

export interface QueueReceiverOptions {
  readonly bus: Bus;
  readonly queue: MessageQueue;
  readonly mode: 'peekLock' | 'receiveAndDelete';
  /** Set where the link holds a session. */
  readonly held: Held;
}

/**
 * A client receives from a queue, a subscription or their dead letters here. Driven by credit: messages are locked, durably,
 * only for credit that is there and while the client's socket takes them.
 */
export class QueueReceiverLink implements ServerLink {
  private pumping = false;
  private again = false;
  private disposed = false;
  private readonly unsubscribe: () => void;
  private readonly settledWriter: TransferWriter;
  private readonly lockedWriter: LockedTransferWriter;
  private readonly unsettled: UnsettledDeliveries;
  /** Of this link. */
  private readonly open = new Set<number>();

  constructor(
    private readonly context: LinkContext,
    private readonly link: Sender,
    readonly needs: ServerLink['needs'] & object,
    private readonly options: QueueReceiverOptions,
  ) {
    this.settledWriter = context.writerFor(link);
    this.lockedWriter = context.lockedWriterFor(link);
    this.unsettled = context.unsettledOf(link.session);
    this.unsubscribe = options.queue.onReady(() => this.pump());
  }

  pump(): void {
    this.again = true;
    if (this.pumping || this.disposed) return;
    this.pumping = true;
    void this.run();
  }

  /** Ends the link from this side. */
  end(error: AmqpError): void {
    if (this.disposed) return;
    this.dispose();
    this.link.close({ ...error });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.unsubscribe();
    for (const id of this.open) this.unsettled.drop(id);
  }

  private async run(): Promise<void> {
    try {
      while (this.again && !this.disposed) {
        this.again = false;
        await this.sendWhatThereIs();
      }
    } catch (error) {
      this.context.log.error(`receiver of '${this.options.queue.id}' ends: ${String(error)}`);
      this.end(errorOf(error));
    }
    this.pumping = false;
  }

  private async sendWhatThereIs(): Promise<void> {
    const { bus, queue, mode, held } = this.options;
    this.settledWriter.resume();
    this.lockedWriter.resume();
    for (let room = this.room(); room > 0; room = this.room()) {
      const { readBytes } = this.context.limits;
      const receive = mode === 'peekLock' ? receiveLocked : receiveAndDelete;
      const received = await receive(bus, queue, Math.min(room, AT_ONCE), readBytes, held);
      if (received.length === 0) break;
      if (this.disposed) return this.giveBack(received);
      if (mode === 'peekLock') this.sendLocked(received);
      else
        this.settledWriter.send(
          received.map(({ message, bytes }) => deliveredMessage(bytes, message, undefined)),
        );
      await setImmediate(); // what was sent goes out, and other clients have their turn
    }
    if (!this.disposed && !this.again) this.drain();
  }

  private room(): number {
    if (this.disposed || !this.context.hasRoom()) return 0;
    if (this.options.mode === 'receiveAndDelete') return this.settledWriter.room;
    return Math.min(this.lockedWriter.room, MAX_UNSETTLED - this.open.size);
  }

  private sendLocked(received: readonly Received[]): void {
    const { bus, queue, held } = this.options;
    const transfers = received.map(({ message, bytes }) => {
      const { token, until } = message.lock ?? { token: '', until: 0 };
      const lockedUntil = held === undefined ? until : held.session.lockedUntil;
      return {
        tag: tagOf(token),
        message: deliveredMessage(bytes, message, lockedUntil),
        sent: (id: number) => {
          this.open.add(id);
          this.unsettled.add(id, (how) => {
            this.open.delete(id);
            return settle(bus, queue, token, message, how, held);
          });
        },
      };
    });
    this.lockedWriter.send(transfers);
  }

  /** The client went away while they were read: nobody has seen them. */
  private async giveBack(received: readonly Received[]): Promise<void> {
    const { bus, queue, mode } = this.options;
    if (mode === 'receiveAndDelete') return; // gone, as the mode has it
    const messages = received
      .map(({ message }) => message)
      .filter(({ busy, lock }) => !busy && lock !== undefined);
    await giveBack(bus, queue, messages, { counted: false });
  }

  /** §2.6.7: nothing more to send for now, so the credit a draining client gave is used up. */
  private drain(): void {
    const link = senderOf(this.link);
    if (!link._draining || !(link.credit > 0)) return;
    // rhea counts the credit down one by one: leave it one, however much a client claims to have given.
    link.delivery_count = (link.delivery_count + link.credit - 1) >>> 0;
    link.credit = 1;
    this.link.set_drained(true);
    connectionOf(this.link.connection)._register(); // rhea's own turn may be over by now
  }
}
