// Runs beside each other: in every round each side once, the order turning round, on a disk that has settled.
import { spawnSync } from 'node:child_process';

/**
 * @template T
 * @param {number} rounds
 * @param {Record<string, () => Promise<T>>} sides
 * @param {{ uncounted?: number }} options rounds before them, in which code gets warm; one unless told
 * @returns {Promise<Record<string, T[]>>}
 */
export async function beside(rounds, sides, { uncounted = 1 } = {}) {
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 1 - uncounted; round <= rounds; round++) {
    const order = Object.entries(sides);
    if (Math.abs(round) % 2 === 1) order.reverse();
    for (const [name, run] of order) {
      spawnSync('sync'); // nobody pays for what another has left to write
      const result = await run();
      if (round > 0) results[name].push(result);
    }
  }
  return results;
}

/** Round by round, one side as a multiple of the other. */
export const ratios = (/** @type {number[]} */ ones, /** @type {number[]} */ others) =>
  ones.map((value, i) => value / others[i]);
