import { setImmediate } from 'node:timers/promises';
import { clockFrom } from './clock-from.js';
import { RunningClock } from './running-clock.js';
import { VirtualClock } from './virtual-clock.js';

const DAY_MS = 86_400_000;

describe('a virtual clock', () => {
  it('stands still, and calls what is due at its own time, in order', () => {
    const clock = new VirtualClock(1_000);
    const rung: [string, number][] = [];
    const note = (name: string) => () => rung.push([name, clock.now()]);
    clock.at(3_000, note('late'));
    clock.at(1_500, () => {
      note('early')();
      clock.at(2_000, note('asked for on the way'));
    });
    const callOff = clock.at(1_600, note('never'));
    callOff();
    clock.at(1_000 + DAY_MS, note('tomorrow'));
    clock.move(2_500);
    expect(rung).toEqual([
      ['early', 1_500],
      ['asked for on the way', 2_000],
      ['late', 3_000],
    ]);
    expect(clock.now()).toBe(3_500);
  });

  it('calls what is due already, but not before the caller goes on', async () => {
    const clock = new VirtualClock(10);
    let rung = 0;
    clock.at(5, () => rung++);
    expect(rung).toBe(0);
    await setImmediate();
    expect(rung).toBe(1);
    clock.move(10);
    expect(rung).toBe(1);
  });

  it.each([-1, 0.5, NaN])('does not move by %p', (ms) => {
    expect(() => new VirtualClock().move(ms)).toThrow(RangeError);
  });
});

describe('a running clock', () => {
  it('goes with the machine, and is ahead by as much as it was moved', async () => {
    const clock = new RunningClock();
    const before = Date.now();
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    const rung = new Promise<number>((resolve) => clock.at(clock.now() + DAY_MS, () => resolve(clock.now())));
    clock.move(DAY_MS);
    expect(await rung).toBeGreaterThanOrEqual(before + DAY_MS);
  });

  it('waits for a time that is further away than a timer reaches', async () => {
    const clock = new RunningClock();
    let rung = 0;
    const callOff = clock.at(clock.now() + 400 * DAY_MS, () => rung++);
    await setImmediate();
    clock.move(200 * DAY_MS);
    await setImmediate();
    expect(rung).toBe(0);
    callOff();
    clock.move(300 * DAY_MS);
    await setImmediate();
    expect(rung).toBe(0);
  });
});

describe('CLOCK', () => {
  it('is the machine’s without a word, and movable as virtual', () => {
    expect(clockFrom({}).movable).toBeUndefined();
    const { clock, movable } = clockFrom({ CLOCK: 'virtual' });
    movable?.move(DAY_MS);
    expect(clock.now()).toBeGreaterThan(Date.now() + DAY_MS - 60_000);
    expect(() => clockFrom({ CLOCK: 'stopped' })).toThrow("not 'stopped'");
  });
});
