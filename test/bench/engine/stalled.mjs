const PATIENCE_MS = 20_000;

/**
 * Waits for what runs, as long as it gets on: a bench that hangs says so.
 * @template T
 * @param {Promise<T>} running
 * @param {() => number} progress a count that grows
 * @returns {Promise<T>}
 */
export async function unlessStalled(running, progress) {
  let last = progress();
  let timer;
  const stalled = new Promise((_, reject) => {
    timer = setInterval(() => {
      const now = progress();
      if (now === last) reject(new Error(`nothing moved for ${PATIENCE_MS / 1000} s`));
      last = now;
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([running, stalled]);
  } finally {
    clearInterval(timer);
  }
}
