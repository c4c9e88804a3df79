import { setTimeout as delay } from 'node:timers/promises';
import { countSetAside } from '../set-aside/sql/count-set-aside.js';
import { listPartitions } from '../admin/list-partitions.js';
import { type StatementRunner, within } from '@app/event-hubs';
import type { ConsumerServer } from '../consumer-server.js';
import type { Effect, EffectsService } from '../effects/effects.service.js';

const lookEveryMs = 50;

/** A state was waited for and did not come. */
export class WaitTimeoutError extends Error {
  readonly code = 'WAIT_TIMEOUT';
}

/** States of a consumer to wait for, instead of times. */
export class ConsumerWaits {
  constructor(
    private readonly consumerGroup: string,
    private readonly server: Pick<ConsumerServer, 'heads' | 'processor' | 'whenConnected'>,
    private readonly effects: Pick<EffectsService, 'effectOf'>,
    private readonly database: StatementRunner,
  ) {}

  /** Resolves when the event is past pending and retrying. @throws {WaitTimeoutError} */
  async whenProcessed(eventId: string, { timeoutMs }: { timeoutMs: number }): Promise<Effect> {
    const effect = await this.effects.effectOf(eventId, timeoutMs);
    if (effect.state !== 'pending' && effect.state !== 'retrying') return effect;
    throw new WaitTimeoutError(`${eventId} is still ${effect.state} after ${timeoutMs} ms`);
  }

  /**
   * Resolves when everything that is on the hub at the call is applied, ignored or parked, by whichever replica.
   * @throws {WaitTimeoutError}
   */
  async whenCaughtUp({ timeoutMs }: { timeoutMs: number }): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    if (!(await within(timeoutMs, this.server.whenConnected()))) {
      throw new WaitTimeoutError(`the engine was not reached within ${timeoutMs} ms`);
    }
    const heads = await this.server.heads();
    for (;;) {
      const done = await this.positions();
      const behind = heads.filter(
        ({ partitionId, lastEnqueuedSequenceNumber, isEmpty }) =>
          !isEmpty && (done.get(partitionId) ?? -1) < lastEnqueuedSequenceNumber,
      );
      if (behind.length === 0 && (await countSetAside(this.database)).retrying === 0) return;
      if (performance.now() > deadline) {
        const names = behind.map(({ partitionId }) => partitionId).join(', ');
        const what = names === '' ? 'events are still being retried' : `partitions ${names} are still behind`;
        throw new WaitTimeoutError(`${what} after ${timeoutMs} ms`);
      }
      await delay(lookEveryMs);
    }
  }

  private async positions(): Promise<Map<string, number>> {
    const rows = await listPartitions(this.database, this.consumerGroup);
    const done = new Map(rows.map(({ partitionId, sequenceNumber }) => [partitionId, sequenceNumber]));
    const generations = new Map(rows.map(({ partitionId, generation }) => [partitionId, generation]));
    for (const { lease, seen } of this.server.processor.sessions) {
      if (lease.generation !== generations.get(lease.partitionId)) continue;
      done.set(lease.partitionId, Math.max(done.get(lease.partitionId) ?? -1, seen));
    }
    return done;
  }
}
