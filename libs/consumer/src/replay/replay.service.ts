import { findFirstSince, type EventHubsSettings, backOffMs, pause } from '@app/event-hubs';
import { invalid, Problem } from '@app/service-defaults';
import type { DataSource } from 'typeorm';
import type { ReplayPolicy } from './replay-policy.js';
import type { ConsumerServer } from '../consumer-server.js';
import { failureOf } from '../runtime/errors.js';
import { inTransaction } from '../runtime/in-transaction.js';
import { type FirstSince, type LogPartition, planStarts, type Starts } from './plan-starts.js';
import type { Rebuild } from './rebuild.js';
import { pointerTo, type ReplayFrom } from './replay-request.js';
import { archiveSetAside } from './sql/archive-set-aside.js';
import {
  lockPositions,
  movePositions,
  nextGeneration,
  type LockedPosition,
  type PartitionStart,
  recordReplay,
  type Stream,
} from './sql/begin-replay.js';
import { findReplay, type ReplayDto } from './sql/find-replay.js';

export interface ReplayCommand {
  from: ReplayFrom;
  effects: boolean;
  /** Who asked for it. */
  actor: string;
}

export interface BegunReplay {
  generation: number;
  partitions: { partitionId: string; from: number; until: number }[];
}

export interface ReplayParts {
  consumerGroup: string;
  policy: ReplayPolicy;
  rebuild: Rebuild | undefined;
  settings: EventHubsSettings;
  database: DataSource;
  server: Pick<ConsumerServer, 'log'>;
}

/** Shorter than the server looks for a deadlock: of the two that meet, this transaction gives way, and tries again. */
const lockTimeoutMs = 400;
const tryForMs = 20_000;
const backOff = { baseMs: 50, maxMs: 500 };

/** Has the group read the past again. */
export class ReplayService {
  constructor(private readonly parts: ReplayParts) {}

  /** @throws {Problem} 400, 409 when the events are no longer on the hub, 503 */
  async begin({ from, effects, actor }: ReplayCommand): Promise<BegunReplay> {
    const { server, policy } = this.parts;
    const { namespace, eventHubName, partitions } = await server.log().catch((cause: unknown) => {
      throw new Problem(503, 'engine-away', 'The Event Hubs engine does not answer: try again.', {
        detail: cause instanceof Error ? cause.message : String(cause),
        headers: { 'retry-after': '1' },
      });
    });
    const starts = planStarts(from, partitions, policy, await this.since(from, partitions));
    const stream = { namespace, eventHubName, consumerGroup: this.parts.consumerGroup };
    const explicit = from.kind === 'positions';
    const whole = partitions.every(({ partitionId, first }) => starts.get(partitionId) === first);
    return this.untilThrough(() =>
      this.write(stream, partitions, { starts, explicit }, { policy, effects, whole, startedBy: actor }),
    );
  }

  /** The last replay, running or not. @throws {Problem} 404 */
  async status(): Promise<ReplayDto> {
    const replay = await findReplay(this.parts.database, this.parts.consumerGroup);
    if (!replay) throw new Problem(404, 'no-replay', 'This group has never been replayed.');
    return replay;
  }

  private async since(
    from: ReplayFrom,
    partitions: readonly (LogPartition & { lastEnqueuedAt: Date })[],
  ): Promise<ReadonlyMap<string, FirstSince>> {
    if (from.kind !== 'time') return new Map();
    const { time } = from;
    const asked = partitions.filter(
      ({ first, last, lastEnqueuedAt }) => last >= first && lastEnqueuedAt >= time,
    );
    return findFirstSince(
      this.parts.settings,
      asked.map(({ partitionId }) => partitionId),
      time,
    );
  }

  /** One transaction: before it nothing has changed, after it whoever reads begins again at the new position. */
  private write(
    stream: Stream,
    log: readonly LogPartition[],
    wanted: { starts: Starts; explicit: boolean },
    replay: { policy: ReplayPolicy; effects: boolean; whole: boolean; startedBy: string },
  ): Promise<BegunReplay> {
    return inTransaction(this.parts.database, async (runner) => {
      await runner.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
      const positions = await lockPositions(
        runner,
        stream,
        log.map(({ partitionId }) => partitionId),
      );
      const starts = startsFrom(positions, log, wanted);
      const generation = await nextGeneration(runner, stream.consumerGroup);
      const begun = { ...replay, generation };
      await movePositions(runner, stream, begun, starts);
      await recordReplay(runner, stream, begun, starts);
      await archiveSetAside(runner, stream, generation, starts);
      await this.parts.rebuild?.begin(runner.manager);
      const partitions = starts.map(({ partitionId, startAfter, until }) => ({
        partitionId,
        from: startAfter + 1,
        until,
      }));
      return { generation, partitions };
    });
  }

  private async untilThrough<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + tryForMs;
    for (let failures = 0; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Problem || failureOf(error) !== 'conflict') throw error;
        if (performance.now() > deadline) {
          throw new Problem(503, 'busy', 'Handlers hold what the replay needs: try again.', {
            headers: { 'retry-after': '1' },
          });
        }
        await pause(backOffMs(failures, backOff));
      }
    }
  }
}

/** A replay never skips: where the group has not come to the start yet, it goes on where it is. */
function startsFrom(
  positions: readonly LockedPosition[],
  log: readonly LogPartition[],
  { starts, explicit }: { starts: Starts; explicit: boolean },
): PartitionStart[] {
  const last = new Map(log.map((partition) => [partition.partitionId, partition.last]));
  const skipping = positions.filter(
    ({ partitionId, sequenceNumber }) => (starts.get(partitionId) ?? 0) > sequenceNumber + 1,
  );
  if (explicit && skipping.length > 0) {
    throw invalid(
      skipping.map(({ partitionId, sequenceNumber }) => ({
        pointer: pointerTo(partitionId),
        detail: `would skip events that have not been read yet: at most ${sequenceNumber + 1}`,
      })),
    );
  }
  return positions.map(({ partitionId, sequenceNumber }) => ({
    partitionId,
    startAfter: Math.min((starts.get(partitionId) ?? sequenceNumber + 1) - 1, sequenceNumber),
    until: Math.max(last.get(partitionId) ?? -1, sequenceNumber),
  }));
}
