import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { ReceiveBudget, type Share } from './receive-budget.js';

const KiB = 1024;
const MAX = 1024 * KiB;

describe('the memory of all connections together', () => {
  let budget: ReceiveBudget;
  let read: Map<string, boolean>;
  let stalled: string[];
  const open = (name: string): Share => {
    read.set(name, true);
    const given = stalled; // budgets of other tests go on
    return budget.open({ read: (wanted) => read.set(name, wanted), stalled: () => given.push(name) });
  };
  /** A whole message came: from now on it waits for the disk. */
  const whole = (share: Share) => {
    const bytes = share.arriving;
    share.countArriving(-bytes);
    share.countUnacknowledged(bytes);
  };

  beforeEach(() => {
    budget = new ReceiveBudget(MAX, 1);
    read = new Map();
    stalled = [];
  });

  it('is not read from a greedy client above the bound; others send on', () => {
    const greedy = open('greedy');
    const modest = open('modest');
    modest.countUnacknowledged(10 * KiB);
    for (let i = 0; i < 20; i++) greedy.countUnacknowledged(64 * KiB);
    expect(Object.fromEntries(read)).toEqual({ greedy: false, modest: true });
    modest.countUnacknowledged(100 * KiB);
    expect(read.get('modest')).toBe(true);
  });

  it('stays near the bound however many send, and all of them come through in turn', async () => {
    const waiting = Array.from({ length: 50 }, (_, i) => ({
      name: `c${i}`,
      share: open(`c${i}`),
      left: 320 * KiB,
    }));
    let most = 0;
    for (let turns = 0; waiting.some(({ left }) => left > 0); turns++) {
      expect(turns).toBeLessThan(1_000);
      for (const one of waiting) {
        if (!read.get(one.name) || one.left === 0) continue;
        one.share.countArriving(64 * KiB);
        one.left -= 64 * KiB;
        if (one.left === 0) whole(one.share);
        most = Math.max(most, budget.bytes);
      }
      for (const { share } of waiting) share.countUnacknowledged(-share.unacknowledged); // the disk has it
      await turn();
    }
    expect(most).toBeLessThanOrEqual(MAX + 50 * 64 * KiB + 320 * KiB);
    expect(budget.bytes).toBe(0);
    expect([...read.values()]).not.toContain(false);
  });

  it('lets one message become whole where unfinished ones hold everything', async () => {
    const shares = Array.from({ length: 8 }, (_, i) => open(`c${i}`));
    for (const share of shares) share.countArriving(100 * KiB);
    for (const share of shares) share.countArriving(64 * KiB);
    await turn();
    const going = [...read].filter(([, reads]) => reads).map(([name]) => name);
    expect(going.length).toBeGreaterThan(0);
    expect(going.length).toBeLessThan(8);
    for (const name of going) {
      const share = shares[Number(name.slice(1))] as Share;
      share.countArriving(400 * KiB);
      whole(share);
      share.countUnacknowledged(-share.unacknowledged);
    }
    await turn();
    expect([...read.values()].filter(Boolean).length).toBeGreaterThan(going.length);
  });

  it('gives up who began a message and sends no more, while others wait', async () => {
    const silent = open('silent');
    silent.countArriving(500 * KiB);
    const busy = open('busy');
    busy.countArriving(600 * KiB); // more than its part: it waits
    await turn();
    expect(read.get('busy')).toBe(true); // favoured: nothing else would move
    busy.countArriving(10 * KiB);
    const other = open('other');
    other.countArriving(700 * KiB);
    expect(read.get('other')).toBe(false);
    while (stalled.length === 0) await delay(1);
    expect(stalled).toContain('silent');
    expect(stalled).not.toContain('other');
  });

  it('forgets a connection that is gone, and reads who waited for it', async () => {
    const gone = open('gone');
    gone.countArriving(900 * KiB);
    const next = open('next');
    next.countUnacknowledged(600 * KiB);
    expect(read.get('next')).toBe(false);
    budget.leave(gone);
    await turn();
    expect(read.get('next')).toBe(true);
    next.countUnacknowledged(-600 * KiB);
    expect(budget.bytes).toBe(0);
  });
});
