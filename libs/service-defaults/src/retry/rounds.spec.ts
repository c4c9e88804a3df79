import { EventEmitter, once } from 'node:events';
import { Rounds } from './rounds.js';

const longMs = 60_000;

describe('rounds of work', () => {
  /** Each round is told here, and ends as the test says: with a rest in ms, or an error. */
  let begun: EventEmitter<{ round: [(answer: number | Error) => void] }>;
  let failures: unknown[];
  let rounds: Rounds;
  const nextRound = async () => {
    const [end] = (await once(begun, 'round')) as [(answer: number | Error) => void];
    return end;
  };

  beforeEach(() => {
    begun = new EventEmitter();
    failures = [];
    rounds = new Rounds({
      round: () =>
        new Promise((resolve, reject) => {
          begun.emit('round', (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
        }),
      failed: (error) => failures.push(error),
      backOff: { baseMs: 1, maxMs: 1 },
    });
  });

  it('follow one another while there is more to do', async () => {
    const first = nextRound();
    rounds.start();
    const second = nextRound();
    (await first)(0);
    (await second)(longMs);
    await rounds.stop();
  });

  it('rest until they are woken', async () => {
    const first = nextRound();
    rounds.start();
    const end = await first;
    const second = nextRound();
    end(longMs);
    await new Promise(setImmediate);
    rounds.wake();
    (await second)(longMs);
    await rounds.stop();
  });

  it('do not rest after a round in which somebody woke them: it may have looked already', async () => {
    const first = nextRound();
    rounds.start();
    const end = await first;
    const second = nextRound();
    rounds.wake();
    end(longMs);
    (await second)(longMs);
    await rounds.stop();
  });

  it('go on after one that failed, and tell', async () => {
    const first = nextRound();
    rounds.start();
    const end = await first;
    const second = nextRound();
    end(new Error('the database is away'));
    (await second)(longMs);
    await rounds.stop();
    expect(failures).toEqual([new Error('the database is away')]);
  });

  it('stop after the one in hand, whose failure then is nobody’s business', async () => {
    const first = nextRound();
    rounds.start();
    const end = await first;
    const stopped = rounds.stop();
    end(new Error('aborted'));
    await stopped;
    expect(failures).toEqual([]);
  });

  it('that were never started stop at once', async () => {
    await rounds.stop();
  });
});
