import { type Clock as Milliseconds, clockFrom, type MovableClock } from '@app/clock';

/** The time by which deliveries wait and expire, as the database takes it. */
export class Clock {
  constructor(
    private readonly source: Pick<Milliseconds, 'now'>,
    /** Absent where nobody may move it. */
    readonly movable?: MovableClock,
  ) {}

  static fromEnvironment(): Clock {
    const { clock, movable } = clockFrom(process.env);
    return new Clock(clock, movable);
  }

  now(): Date {
    return new Date(this.source.now());
  }
}
