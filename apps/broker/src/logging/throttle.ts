/**
 * Lets so many calls a second through and counts the others, so that strangers cannot fill a disk with what
 * they make the engine say.
 */
export function throttled(
  write: (message: string) => void,
  perSecond: number,
  now: () => number = Date.now,
): (message: string) => void {
  let second = 0;
  let said = 0;
  let swallowed = 0;
  return (message) => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      said = 0;
    }
    if (said >= perSecond) {
      swallowed++;
      return;
    }
    said++;
    write(swallowed === 0 ? message : `${message} (${swallowed} more like this were not logged)`);
    swallowed = 0;
  };
}
