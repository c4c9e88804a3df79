import { within } from '@app/event-hubs';
import type { ConsumerServer } from '../consumer-server.js';
import type { PartitionSession } from '../runtime/partition-session.js';

/** The partitions that a consumer of this process reads, and where their logs end. */
export interface LagSource {
  group: string;
  processor: { readonly sessions: readonly PartitionSession[] };
  heads: ConsumerServer['heads'];
}

/** An answer is good for so long: the gauges of one look at the metrics ask once. */
const freshMs = 1_000;
const askEngineMs = 2_000;
const asked = new WeakMap<LagSource, { at: number; answer: Promise<unknown> }>();

/**
 * Asks the engine where the logs end. It could tell with each event, too, and every event would pay for what is looked at
 * a few times a minute. An engine that does not answer leaves what it said last.
 */
export async function refreshLag(source: LagSource): Promise<void> {
  if (source.processor.sessions.length === 0) return;
  const now = performance.now();
  let last = asked.get(source);
  if (!last || now - last.at > freshMs) {
    last = { at: now, answer: within(askEngineMs, noteHeads(source)) };
    asked.set(source, last);
  }
  await last.answer;
}

async function noteHeads({ processor, heads }: LagSource): Promise<void> {
  for (const { partitionId, lastEnqueuedSequenceNumber, lastEnqueuedOnUtc } of await heads()) {
    const session = processor.sessions.find(({ lease }) => lease.partitionId === partitionId);
    if (!session) continue;
    session.logEnd = { sequenceNumber: lastEnqueuedSequenceNumber, enqueuedAt: lastEnqueuedOnUtc };
  }
}
