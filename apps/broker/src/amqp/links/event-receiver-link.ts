import { setImmediate } from 'node:timers/promises';
import { RECORD_HEADER_BYTES, type FoundRecords } from '@app/partition-log';
import type { Partition } from '../../engine/event-hub.js';
import type { Reader } from '../../engine/readers.js';
import { withRuntimeMetrics } from '../annotations.js';
import { errorOf } from '../errors.js';
import { senderOf, type Sender } from '../rhea.js';
import type { LinkContext, ServerLink } from './server-link.js';
import { payloadsIn, type TransferWriter } from './transfer-writer.js';

/** A client drops what it has not handed over when its link ends with an error: what was sent before gets so long. */
const handOverMs = 1_000;

export interface ReceiverLinkOptions {
  readonly name: string;
  readonly epoch: number | undefined;
  readonly partition: Partition;
  /** Where to begin; settled before the link may pump. */
  readonly start: Promise<number>;
  readonly runtimeMetrics: boolean;
  /** The reader gives its place up. */
  left(reader: Reader): void;
}

/**
 * A client reads a partition here. It is driven by credit: records are read only for credit that is there
 * and only while the client's socket takes them, so a reader costs a block of records, however far behind.
 *
 *   waiting ──durable records, credit, window, room──▶ pumping ──one of them missing──▶ waiting
 */
export class EventReceiverLink implements ServerLink, Reader {
  readonly name: string;
  readonly epoch: number | undefined;
  private cursor: number | undefined;
  private pumping = false;
  private again = false;
  private hasSent = false;
  private failing: NodeJS.Timeout | undefined;
  private disposed = false;
  private readonly unsubscribe: () => void;
  private readonly writer: TransferWriter;

  constructor(
    private readonly context: LinkContext,
    private readonly link: Sender,
    readonly needs: ServerLink['needs'] & object,
    private readonly options: ReceiverLinkOptions,
  ) {
    this.name = options.name;
    this.epoch = options.epoch;
    this.writer = context.writerFor(link);
    this.unsubscribe = options.partition.log.onDurable(() => this.pump());
    void this.begin();
  }

  get nextOffset(): number | undefined {
    return this.cursor;
  }

  pump(): void {
    this.again = true;
    if (this.pumping || this.disposed || this.cursor === undefined) return;
    this.pumping = true;
    void this.run();
  }

  stolen(description: string): void {
    this.dispose();
    this.link.close({ condition: 'amqp:link:stolen', description });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    clearTimeout(this.failing);
    this.unsubscribe();
    this.options.left(this);
  }

  private async begin(): Promise<void> {
    try {
      this.cursor = await this.options.start;
      this.pump();
    } catch (error) {
      this.fail(error);
    }
  }

  private async run(): Promise<void> {
    try {
      while (this.again && !this.disposed) {
        this.again = false;
        await this.sendWhatThereIs();
      }
      this.pumping = false;
    } catch (error) {
      this.fail(error); // and pumps no more
    }
  }

  private async sendWhatThereIs(): Promise<void> {
    const { log } = this.options.partition;
    this.writer.resume();
    for (let room = this.room(); room > 0; room = this.room()) {
      const limits = { maxBytes: this.context.limits.readBytes, maxRecords: room };
      const before = this.cursor as number;
      this.cursor = await log.copyOut(before, limits, (found) => this.send(found));
      if (this.disposed) return;
      if (this.cursor === before) break;
      await setImmediate(); // what was sent goes out, and other clients have their turn
    }
    this.drain();
  }

  private room(): number {
    return this.context.hasRoom() ? this.writer.room : 0;
  }

  /** False = what was true before the read is so no more: another link may have filled the socket meanwhile. */
  private send({ ends, copyTo }: FoundRecords): boolean {
    const { blocks } = this.context;
    if (this.disposed || !this.context.hasRoom()) return false;
    const length = ends.at(-1) as number;
    const bytes = blocks.take(length);
    copyTo(bytes);
    this.hasSent = true;
    const { log, delivered } = this.options.partition;
    delivered.events += ends.length;
    delivered.bytes += length - ends.length * RECORD_HEADER_BYTES;
    const giveBack = () => blocks.giveBack(bytes);
    const { last } = log.state;
    if (this.options.runtimeMetrics && last !== undefined) {
      const now = Date.now();
      this.writer.send(payloadsIn(bytes, ends).map((payload) => withRuntimeMetrics(payload, last, now)));
      giveBack();
    } else {
      this.writer.sendRecords(bytes, ends, giveBack);
    }
    return true;
  }

  /** §2.6.7: nothing more to send for now, so the credit a draining client gave is used up. */
  private drain(): void {
    const link = senderOf(this.link);
    if (!link._draining || !(link.credit > 0)) return;
    // rhea counts the credit down one by one: leave it one, however much a client claims to have given.
    link.delivery_count = (link.delivery_count + link.credit - 1) >>> 0;
    link.credit = 1;
    this.link.set_drained(true);
  }

  private fail(error: unknown): void {
    if (this.disposed) return;
    this.context.log.error(`reader of partition ${this.options.partition.id} ends: ${String(error)}`);
    const end = () => {
      this.dispose();
      this.link.close(errorOf(error));
    };
    if (this.hasSent) this.failing = setTimeout(end, handOverMs);
    else end();
  }
}
