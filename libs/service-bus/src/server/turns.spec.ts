import { Turns } from './turns.js';

describe('the turns of settlements', () => {
  /** Which settlements fell into which turn of the event loop. */
  async function turnsOf(settlements: ('shared' | 'alone')[]): Promise<number[]> {
    const turns = new Turns();
    let turn = 0;
    let isOver = false;
    const count = (): void => {
      turn++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const taken = await Promise.all(settlements.map((how) => turns.next(how).then(() => turn)));
    isOver = true;
    return taken;
  }

  it('are shared by those that are completed, and by nobody else', async () => {
    const taken = await turnsOf(['shared', 'shared', 'alone', 'alone', 'shared', 'shared', 'alone']);
    const [a, b, c, d, e, f, g] = taken;
    expect([b, f]).toEqual([a, e]);
    expect(new Set([a, c, d, e, g]).size).toBe(5);
    expect(taken).toEqual(taken.toSorted((x, y) => x - y));
  });

  it('begin anew once one has come', async () => {
    const turns = new Turns();
    await turns.next('shared');
    let isNext = false;
    setImmediate(() => (isNext = true));
    await turns.next('shared');
    expect(isNext).toBe(true);
  });
});
