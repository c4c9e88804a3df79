import { jest } from '@jest/globals';
import { type BatchSent, PartitionTurns } from './partition-turns.js';

describe('the turns of a partition', () => {
  let begun: number[];
  let failures: unknown[];
  let end: ((sent: BatchSent | Error) => void)[];
  let stopping: AbortController;
  let turns: PartitionTurns;
  /** Ends the batch in hand, and lets the turns see it. */
  const ended = async (sent: BatchSent | Error): Promise<void> => {
    end.shift()?.(sent);
    await jest.advanceTimersByTimeAsync(0);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    begun = [];
    failures = [];
    end = [];
    stopping = new AbortController();
    const start = performance.now();
    turns = new PartitionTurns({
      send: () => {
        begun.push(Math.round(performance.now() - start));
        return new Promise((resolve, reject) =>
          end.push((sent) => (sent instanceof Error ? reject(sent) : resolve(sent))),
        );
      },
      failed: (error) => failures.push(error),
      pollIntervalMs: 500,
      stopping: stopping.signal,
    });
  });
  afterEach(() => jest.useRealTimers());

  it('begin at once after a silence', () => {
    turns.begin();
    expect(begun).toEqual([0]);
  });

  it('gather what comes soon after a batch was begun', async () => {
    turns.begin();
    turns.begin();
    await ended('all');
    turns.begin();
    expect(begun).toEqual([0]);
    await jest.advanceTimersByTimeAsync(20);
    expect(begun).toEqual([0, 20]);
    await ended('all');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(begun).toEqual([0, 20]);
  });

  it('go on without a pause while the limits end the batches', async () => {
    turns.begin();
    await ended('more');
    await ended('more');
    expect(begun).toEqual([0, 0, 0]);
  });

  it('wait for the next poll where another relay is at it', async () => {
    turns.begin();
    turns.begin();
    await ended('busy');
    await jest.advanceTimersByTimeAsync(499);
    turns.begin();
    expect(begun).toEqual([0]);
    await jest.advanceTimersByTimeAsync(1);
    turns.begin();
    expect(begun).toEqual([0, 500]);
  });

  it('tell of a failure and back off', async () => {
    turns.begin();
    await ended(new Error('the engine is away'));
    expect(failures).toEqual([new Error('the engine is away')]);
    turns.begin();
    expect(begun).toEqual([0]);
    await jest.advanceTimersByTimeAsync(5_000);
    turns.begin();
    expect(begun.length).toBe(2);
  });

  it('end with the batch in hand, and with what is gathered left for the next start', async () => {
    turns.begin();
    turns.begin();
    stopping.abort();
    const over = turns.ended();
    await ended('more');
    await over;
    turns.begin();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(begun).toEqual([0]);
  });
});
