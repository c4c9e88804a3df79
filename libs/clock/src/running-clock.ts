import { assertForward } from './assert-forward.js';
import type { MovableClock } from './clock.js';

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Alarm {
  readonly time: number;
  readonly task: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** The machine's time, and as much later as it was moved. */
export class RunningClock implements MovableClock {
  private ahead = 0;
  private readonly alarms = new Set<Alarm>();

  now(): number {
    return Date.now() + this.ahead;
  }

  at(time: number, task: () => void): () => void {
    const alarm: Alarm = { time, task, timer: undefined };
    this.alarms.add(alarm);
    this.arm(alarm);
    return () => {
      clearTimeout(alarm.timer);
      this.alarms.delete(alarm);
    };
  }

  move(ms: number): void {
    assertForward(ms);
    this.ahead += ms;
    for (const alarm of this.alarms) this.arm(alarm);
  }

  private arm(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const wait = Math.min(Math.max(alarm.time - this.now(), 0), MAX_TIMER_MS);
    alarm.timer = setTimeout(() => this.ring(alarm), wait).unref();
  }

  private ring(alarm: Alarm): void {
    // A timer may fire a little early by this clock, and a far one stands for a part of the way.
    if (this.now() < alarm.time) return this.arm(alarm);
    this.alarms.delete(alarm);
    alarm.task();
  }
}
