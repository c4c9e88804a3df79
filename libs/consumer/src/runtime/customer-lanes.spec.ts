import { setImmediate as turn } from 'node:timers/promises';
import { inLanes } from './customer-lanes.js';

describe('work in lanes', () => {
  const items = Array.from({ length: 300 }, (_, n) => ({ lane: `lane ${n % 100}`, n }));
  const laneOf = ({ lane }: { lane: string }) => lane;

  it('does all of it, each lane in order, several at once', async () => {
    const done: number[] = [];
    let [running, most] = [0, 0];
    const failures = await inLanes(items, laneOf, async ({ n }) => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      done.push(n);
    });
    expect(failures).toEqual([]);
    expect(done.length).toBe(300);
    expect(most).toBe(64);
    for (let lane = 0; lane < 100; lane++) {
      expect(done.filter((n) => n % 100 === lane)).toEqual([lane, lane + 100, lane + 200]);
    }
  });

  it('begins nothing after a failure, and ends when what was begun has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const failures = await inLanes(items, laneOf, async ({ n }) => {
      begun.push(n);
      if (n === 3) throw new Error('three');
      await turn();
      ended.push(n);
      if (n === 5) throw new Error('five');
    });
    expect(failures.map((error) => (error as Error).message)).toEqual(['three', 'five']);
    expect(begun.length).toBe(64);
    expect(ended.length).toBe(63);
  });
});
