import { setImmediate as turn } from 'node:timers/promises';
import { SharedWrites } from './shared-writes.js';

interface One {
  id: string;
  value?: string;
}

/** Statements that end when they are told to. */
function stage() {
  const statements: { batch: string[]; end: (error?: Error) => void }[] = [];
  const writes = new SharedWrites<One>(
    (batch) =>
      new Promise((resolve, reject) => {
        statements.push({
          batch: batch.map(({ id, value }) => value ?? id),
          end: (error) => (error ? reject(error) : resolve(new Set(batch.map(({ id }) => id)))),
        });
      }),
    ({ id }) => id,
  );
  const add = (...ids: string[]) => ids.map((id) => writes.add({ id }));
  const batches = () => statements.map(({ batch }) => batch);
  return { writes, statements, add, batches };
}

const refusal = Object.assign(new Error('invalid input syntax'), { code: '22P02' });

describe('writes that come at once', () => {
  it('share a statement, and what comes meanwhile the next but one', async () => {
    const { add, statements, batches } = stage();
    const all = [...add('a', 'b')];
    await turn();
    all.push(...add('c'));
    await turn();
    all.push(...add('d', 'e'));
    await turn();
    expect(batches()).toEqual([['a', 'b'], ['c']]);
    statements[1]?.end();
    await turn();
    expect(batches().at(2)).toEqual(['d', 'e']);
    for (const { end } of statements) end();
    expect(await Promise.all(all)).toEqual([true, true, true, true, true]);
  });

  it('tell who was not written', async () => {
    const writes = new SharedWrites<One>(
      () => Promise.resolve(new Set(['b'])),
      ({ id }) => id,
    );
    expect(await Promise.all(['a', 'b'].map((id) => writes.add({ id })))).toEqual([false, true]);
  });

  it('of one customer go one after the other, in their order', async () => {
    const { writes, statements, batches } = stage();
    const first = writes.add({ id: 'a', value: 'first' });
    const second = writes.add({ id: 'a', value: 'second' });
    const other = writes.add({ id: 'b', value: 'other' });
    await turn();
    expect(batches()).toEqual([['first', 'other']]);
    statements[0]?.end();
    expect(await Promise.all([first, other])).toEqual([true, true]);
    await turn();
    expect(batches().at(1)).toEqual(['second']);
    statements[1]?.end();
    expect(await second).toBe(true);
  });

  it('do not pay for the one that PostgreSQL refuses', async () => {
    const { add, statements, batches } = stage();
    const [good, bad] = add('good', 'bad');
    await turn();
    statements[0]?.end(refusal);
    await turn();
    statements[1]?.end();
    await turn();
    statements[2]?.end(refusal);
    expect(batches()).toEqual([['good', 'bad'], ['good'], ['bad']]);
    await expect(good).resolves.toBe(true);
    await expect(bad).rejects.toBe(refusal);
  });

  it('are not tried again where nobody knows whether they were committed', async () => {
    const { add, statements } = stage();
    const all = add('a', 'b');
    await turn();
    const lost = new Error('Connection terminated unexpectedly');
    statements[0]?.end(lost);
    expect(await Promise.allSettled(all)).toEqual([
      { status: 'rejected', reason: lost },
      { status: 'rejected', reason: lost },
    ]);
    expect(statements).toHaveLength(1);
  });

  it('are refused when too many wait', async () => {
    const { writes, add } = stage();
    void add(...Array.from({ length: 2_000 }, (_, n) => `c${n}`));
    await expect(writes.add({ id: 'one too many' })).rejects.toMatchObject({
      document: { status: 503, type: '/problems/busy' },
    });
    await turn();
    void writes.add({ id: 'now there is room' });
  });
});
