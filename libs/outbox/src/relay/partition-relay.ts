import { toApplicationProperties } from '@app/contracts';
import { type EventHubsSender, EventTooLargeError, type OutgoingEvent } from '@app/event-hubs';
import type { DataSource, QueryRunner } from 'typeorm';
import { beginBatch, type OutboxRow } from '../sql/begin-batch.js';
import { endBatch } from '../sql/end-batch.js';
import { rejectRow } from '../sql/reject-row.js';
import { inVersionOrder } from './in-version-order.js';

/** Longer than {@link BatchLimit.ms} and one send, and short enough that another relay takes over from one that stopped. */
const idleInTransactionMs = 20_000;

/** Where a batch ends, so that a slow engine or large events do not outlast its transaction. */
export interface BatchLimit {
  rows: number;
  /** Of the bodies, which lie in memory; the row that goes past it is the last. */
  bytes: number;
  /** After so long no other message is begun: what was acknowledged is deleted first. */
  ms: number;
}

/**
 * - `sent`: so many rows have been acknowledged, or set aside, and deleted; `more`: others may have been there already
 * - `busy`: another relay is at it
 */
export type RelayOutcome =
  { kind: 'sent'; published: number; rejected: EventTooLargeError[]; more: boolean } | { kind: 'busy' };

/**
 * Sends one batch of one partition: lock, read, send, delete, commit. Only the holder of the partition's lock sends, and
 * has one message in flight, so rows reach the engine in their order whatever the number of relays. A crash between the
 * acknowledgement and the commit sends the rows again, under the same ids.
 */
export class PartitionRelay {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sender: Pick<EventHubsSender, 'send'>,
    private readonly limit: BatchLimit,
  ) {}

  /** @throws what the sender throws, after committing what had been acknowledged by then */
  async relay(partitionId: number): Promise<RelayOutcome> {
    const runner = this.dataSource.createQueryRunner();
    let failure: Error | undefined;
    try {
      const found = await beginBatch(runner, partitionId, this.limit, idleInTransactionMs);
      if (found === undefined) {
        await runner.query('ROLLBACK');
        return { kind: 'busy' };
      }
      const rows = inVersionOrder(found);
      const sent = await this.sendAll(runner, partitionId, rows);
      const { done, rejected } = sent;
      await endBatch(
        runner,
        rows.slice(0, done).map(({ id }) => id),
      );
      ({ failure } = sent);
      if (!failure)
        return { kind: 'sent', published: done - rejected.length, rejected, more: this.isFull(rows, done) };
    } catch (error) {
      // A connection that is gone has rolled back by itself; the first error is the one to tell.
      await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
    throw failure;
  }

  /** Whether the limits have ended the batch, and not the outbox. */
  private isFull(rows: readonly OutboxRow[], done: number): boolean {
    const { rows: most, bytes } = this.limit;
    // A unit of a string is three bytes of UTF-8 at most.
    const mostBytes = rows.reduce((sum, { body }) => sum + body.length * 3, 0);
    return done < rows.length || rows.length >= most || mostBytes >= bytes;
  }

  private async sendAll(runner: QueryRunner, partitionId: number, rows: readonly OutboxRow[]) {
    const events = rows.map(toOutgoing);
    const rejected: EventTooLargeError[] = [];
    let failure: Error | undefined;
    const until = performance.now() + this.limit.ms;
    let done = 0;
    while (done < rows.length && !failure && (done === 0 || performance.now() < until)) {
      try {
        done += await this.sender.send(String(partitionId), events.slice(done));
      } catch (error) {
        const row = rows[done];
        if (error instanceof EventTooLargeError && row) {
          await rejectRow(runner, row.id, error.message);
          rejected.push(error);
          done++;
        } else failure = error as Error;
      }
    }
    return { done, rejected, failure };
  }
}

function toOutgoing({ event_id: id, attributes, body }: OutboxRow): OutgoingEvent {
  return { id, applicationProperties: toApplicationProperties(attributes), body };
}
