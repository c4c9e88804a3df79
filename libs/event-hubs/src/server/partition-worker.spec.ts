import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import type { ReceivedEventData } from '@azure/event-hubs';
import type { PartitionLease } from '../checkpoint-store/partition-store.js';
import { FencedError, PartitionStoppedError } from '../errors.js';
import type { EventHubsEvents } from './event-hubs.events.js';
import type { PartitionBatch, PartitionProcessor } from './partition-processor.js';
import { PartitionWorker } from './partition-worker.js';

const lease = (sequenceNumber = -1): PartitionLease => ({
  namespace: 'localhost',
  eventHubName: 'customer-events',
  consumerGroup: 'audit',
  partitionId: '0',
  owner: 'me',
  epoch: 1,
  generation: 1,
  replayUntil: -1,
  replayEffects: false,
  sequenceNumber,
  offset: undefined,
});
const event = (sequenceNumber: number) => ({ sequenceNumber }) as ReceivedEventData;
const quiet = Object.assign(new Logger(), {
  warn: () => undefined,
  error: () => undefined,
  log: () => undefined,
});

describe('the worker of a partition', () => {
  let batches: number[][];
  let fail: Error[];
  let gaps: number[];
  let overtaken: boolean;
  const events = new EventEmitter<EventHubsEvents>();
  const processor: PartitionProcessor = {
    process: async ({ events: received }: PartitionBatch) => {
      const error = fail.shift();
      if (error) throw error;
      batches.push(received.map(({ sequenceNumber }) => sequenceNumber));
    },
  };
  const worker = (from = -1, gatherMs = 0) =>
    new PartitionWorker({
      partitionId: '0',
      processor,
      gatherMs,
      fullBatch: 2,
      lease: async () => lease(from),
      isOvertaken: () => overtaken,
      seenGapBefore: (sequenceNumber) => gaps.splice(0, 1)[0] === sequenceNumber,
      events,
      logger: quiet,
    });

  beforeEach(() => {
    batches = [];
    fail = [];
    gaps = [];
    overtaken = false;
  });

  it('stops an idle partition whose epoch has passed', async () => {
    const idle = worker();
    await idle.process([]);
    overtaken = true;
    await expect(idle.process([])).rejects.toThrow(PartitionStoppedError);
    expect(batches).toEqual([[]]);
  });

  it('does the same batch again until what failed is back', async () => {
    fail = [new Error('database is away'), new Error('still away')];
    const paused: unknown[] = [];
    events.on('paused', (_, cause) => paused.push(cause));
    await worker().process([event(0), event(1)]);
    expect(batches).toEqual([[0, 1]]);
    expect(paused.map(String)).toEqual(['Error: database is away', 'Error: still away']);
  });

  it('never tells the client library to go on past a batch', async () => {
    fail = [new FencedError('0')];
    const error = await worker()
      .process([event(0)])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PartitionStoppedError);
    expect(error).not.toHaveProperty('retryable');
    expect(batches).toEqual([]);
  });

  it('stops within a pause', async () => {
    fail = Array.from({ length: 100 }, () => new Error('away'));
    const stopped = worker();
    const processing = stopped.process([event(0)]);
    await stopped.stop();
    await expect(processing).rejects.toBeInstanceOf(PartitionStoppedError);
  });

  it('has stopped for no caller before its processor knows', async () => {
    let closed: (() => void) | undefined;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    processor.closed = () => closing;
    const stopped = worker();
    await stopped.open();
    const told: string[] = [];
    const first = stopped.stop().then(() => told.push('first'));
    const second = stopped.stop().then(() => told.push('second'));
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    closed?.();
    await Promise.all([first, second]);
    delete processor.closed;
  });

  it('reads again when events are missing, and goes on when they are gone for good', async () => {
    const reader = worker(4);
    await reader.process([event(5)]);
    await expect(reader.process([event(8)])).rejects.toBeInstanceOf(PartitionStoppedError);
    gaps = [8];
    await reader.process([event(8)]);
    await expect(worker(4).process([event(6)])).rejects.toBeInstanceOf(PartitionStoppedError);
    expect(batches).toEqual([[5], [8]]);
  });

  it('that gathers asks for no other events until its time has passed since the begin of a batch', async () => {
    const begun = performance.now();
    await worker(-1, 50).process([event(0)]);
    expect(batches).toEqual([[0]]);
    // A timer may be a millisecond early.
    expect(performance.now() - begun).toBeGreaterThan(48);
  });

  it('that gathers asks at once after a full batch, and where nothing came', async () => {
    const gathering = worker(-1, 60_000);
    await gathering.process([event(0), event(1)]);
    await gathering.process([]);
    expect(batches).toEqual([[0, 1], []]);
  });

  it('that gathers stops meanwhile, its batch done', async () => {
    const gathering = worker(-1, 60_000);
    const done = gathering.process([event(0)]);
    await new Promise(setImmediate);
    await gathering.stop();
    await done;
    expect(batches).toEqual([[0]]);
  });
});
