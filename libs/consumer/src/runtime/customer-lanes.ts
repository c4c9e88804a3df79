/** Calls under way at once: enough to keep the connection busy, few enough for a short queue behind a slow statement. */
const mostAtOnce = 64;

/**
 * Works off a list with several at once, those of one lane one after the other and in order. After a failure nothing new
 * is begun; it ends when all that was begun has ended, so that nobody writes any more into a transaction that is rolled
 * back.
 * @returns what failed, in the order in which it did
 */
export async function inLanes<T>(
  items: readonly T[],
  laneOf: (item: T) => string,
  work: (item: T) => Promise<void>,
): Promise<unknown[]> {
  const lanes = lanesOf(items, laneOf).values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const lane of lanes) {
      for (const item of lane) {
        if (failures.length > 0) return;
        try {
          await work(item);
        } catch (error) {
          failures.push(error);
          return;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, worker));
  return failures;
}

function lanesOf<T>(items: readonly T[], laneOf: (item: T) => string): Map<string, T[]> {
  const lanes = new Map<string, T[]>();
  for (const item of items) {
    const name = laneOf(item);
    const lane = lanes.get(name);
    if (lane) lane.push(item);
    else lanes.set(name, [item]);
  }
  return lanes;
}
