/**
 * Where a service takes the time from for what happens later: locks that expire, retries, schedules. Never from
 * `Date.now` or `setTimeout`, so that a test, or QA, can move on by a day.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once it is `time` (milliseconds since 1970) or later, never before this call has returned. Keeps no
   * process alive.
   * @returns how to call it off; harmless afterwards
   */
  at(time: number, task: () => void): () => void;
}

/** A clock that can be moved, by an admin call or a test. */
export interface MovableClock extends Clock {
  /**
   * Moves it forward.
   * @param ms a whole number from 0 on
   * @throws RangeError for anything else: time does not go back
   */
  move(ms: number): void;
}
