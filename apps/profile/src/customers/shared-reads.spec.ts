import { setImmediate as turn } from 'node:timers/promises';
import { SharedReads } from './shared-reads.js';

/** Statements that end when they are told to; each finds all but 'nobody'. */
function stage() {
  const statements: { ids: readonly string[]; end: (error?: Error) => void }[] = [];
  const reads = new SharedReads<string>(
    (ids) =>
      new Promise((resolve, reject) => {
        const found = new Map(ids.filter((id) => id !== 'nobody').map((id) => [id, `who is ${id}`]));
        statements.push({ ids, end: (error) => (error ? reject(error) : resolve(found)) });
      }),
  );
  return { reads, statements };
}

describe('reads that come at once', () => {
  it('share a statement, and each gets its own answer', async () => {
    const { reads, statements } = stage();
    const asked = ['a', 'nobody', 'b', 'a'].map((id) => reads.find(id));
    await turn();
    expect(statements.map(({ ids }) => ids)).toEqual([['a', 'nobody', 'b', 'a']]);
    statements[0]?.end();
    expect(await Promise.all(asked)).toEqual(['who is a', undefined, 'who is b', 'who is a']);
  });

  it('never join a statement that was begun before', async () => {
    const { reads, statements } = stage();
    const first = reads.find('a');
    await turn();
    const second = reads.find('a');
    await turn();
    expect(statements.map(({ ids }) => ids)).toEqual([['a'], ['a']]);
    for (const { end } of statements) end();
    expect(await Promise.all([first, second])).toEqual(['who is a', 'who is a']);
  });

  it('wait while two statements are under way, and go together then', async () => {
    const { reads, statements } = stage();
    for (const id of ['a', 'b', 'c', 'd']) {
      void reads.find(id);
      await turn();
    }
    expect(statements.length).toBe(2);
    statements[0]?.end();
    await turn();
    expect(statements.at(2)?.ids).toEqual(['c', 'd']);
  });

  it('fail together, and the next ones are read', async () => {
    const { reads, statements } = stage();
    const failed = Promise.allSettled([reads.find('a'), reads.find('b')]);
    await turn();
    statements[0]?.end(new Error('the database is away'));
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = reads.find('a');
    await turn();
    statements[1]?.end();
    expect(await next).toBe('who is a');
  });

  it('are refused when too many wait', async () => {
    const { reads } = stage();
    for (let n = 0; n < 2_000; n++) void reads.find('a');
    expect(() => reads.find('a')).toThrow(expect.objectContaining({ status: 503 }));
  });
});
