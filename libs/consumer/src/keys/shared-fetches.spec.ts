import { KeyServiceError, type PersonalDataKey } from './key-source.js';
import { SharedFetches } from './shared-fetches.js';

const keyOf = (id: string): PersonalDataKey => ({ erased: false, key: Buffer.from(id) });

/** Answers when it is told to. */
class Source {
  readonly asked: string[][] = [];
  private readonly open: (() => void)[] = [];

  fetch = async (ids: readonly string[]): Promise<Map<string, PersonalDataKey>> => {
    this.asked.push([...ids]);
    await new Promise<void>((resolve) => this.open.push(resolve));
    if (ids.includes('unknown')) throw new KeyServiceError('unknown');
    return new Map(ids.map((id) => [id, keyOf(id)]));
  };

  /** Lets every request through that is under way, and those that follow from it. */
  async answerAll(): Promise<void> {
    while (this.open.length > 0) {
      this.open.splice(0).forEach((resolve) => resolve());
      await new Promise(setImmediate);
    }
  }
}

describe('shared fetches', () => {
  let source: Source;
  let fetches: SharedFetches;
  beforeEach(() => {
    source = new Source();
    fetches = new SharedFetches(source);
  });

  it('go together while one is under way', async () => {
    const all = ['a', 'b', 'c', 'b'].map((id) => fetches.fetch([id]));
    await source.answerAll();
    expect(source.asked).toEqual([['a'], ['b', 'c']]);
    expect((await all[3])?.get('b')).toEqual(keyOf('b'));
  });

  it('never ask for more than a request may, and leave nobody out', async () => {
    const many = (from: number, count: number) => Array.from({ length: count }, (_, n) => `c${from + n}`);
    const all = [many(0, 1), many(1, 700), many(701, 300), many(1_001, 1_000), many(2_001, 1)].map((ids) =>
      fetches.fetch(ids),
    );
    await source.answerAll();
    await Promise.all(all);
    expect(source.asked.map(({ length }) => length)).toEqual([1, 1_000, 1_000, 1]);
  });

  it('fail for who asked for the unknown, and for nobody else', async () => {
    const first = fetches.fetch(['a']);
    const unknown = fetches.fetch(['unknown']);
    const other = fetches.fetch(['b']);
    const answers = Promise.allSettled([first, unknown, other]);
    await source.answerAll();
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(unknown).rejects.toThrow(KeyServiceError);
    expect((await other).get('b')).toEqual(keyOf('b'));
    // It goes on.
    const later = fetches.fetch(['c']);
    await source.answerAll();
    expect((await later).get('c')).toEqual(keyOf('c'));
  });
});
