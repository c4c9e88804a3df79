/** @throws RangeError for anything but a whole number of milliseconds from 0 on */
export function assertForward(ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new RangeError(`a clock moves by a whole number of milliseconds from 0 on, not by ${ms}`);
  }
}
