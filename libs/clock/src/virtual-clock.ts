import { assertForward } from './assert-forward.js';
import type { MovableClock } from './clock.js';

interface Alarm {
  readonly time: number;
  readonly task: () => void;
}

/** Stands still until it is moved: for specs, where nothing may depend on how long something takes. */
export class VirtualClock implements MovableClock {
  private readonly alarms = new Set<Alarm>();

  /** @param time milliseconds since 1970 that it begins with */
  constructor(private time = 0) {}

  now(): number {
    return this.time;
  }

  at(time: number, task: () => void): () => void {
    const alarm = { time, task };
    this.alarms.add(alarm);
    if (time <= this.time) setImmediate(() => this.ring(alarm));
    return () => this.alarms.delete(alarm);
  }

  /** Whatever is due on the way is called at its own time, in order, before this returns. */
  move(ms: number): void {
    assertForward(ms);
    const end = this.time + ms;
    for (let next = this.nextUntil(end); next !== undefined; next = this.nextUntil(end)) {
      this.time = Math.max(this.time, next.time);
      this.ring(next);
    }
    this.time = end;
  }

  private ring(alarm: Alarm): void {
    if (this.alarms.delete(alarm)) alarm.task();
  }

  private nextUntil(end: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.alarms)
      if (alarm.time <= end && !(alarm.time >= (next?.time ?? Infinity))) next = alarm;
    return next;
  }
}
