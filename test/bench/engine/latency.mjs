// Latency from a send to the arrival at a reader, at a steady rate: events leave when they are due, whether earlier
// ones have arrived or not.

import { unlessStalled } from './stalled.mjs';

/**
 * @param {(onEvent: () => void) => Promise<{ send(): void, close(): void, failed: Promise<never> }>} open one path, first in first out
 * @param {{ perSecond: number, events: number }} load
 * @returns {Promise<{ p50: number, p99: number }>} milliseconds
 */
export async function latencyOf(open, { perSecond, events }) {
  const sentAt = [];
  const taken = [];
  let done = () => undefined;
  const path = await open(() => {
    taken.push(performance.now() - sentAt[taken.length]);
    if (taken.length === events) done();
  });
  const arrived = new Promise((resolve) => (done = resolve));
  const started = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(events, ((performance.now() - started) * perSecond) / 1000);
    while (sentAt.length < due) {
      sentAt.push(performance.now());
      path.send();
    }
  }, 1);
  try {
    await unlessStalled(Promise.race([arrived, path.failed]), () => taken.length);
  } finally {
    clearInterval(timer);
    path.close();
  }
  const sorted = taken.toSorted((a, b) => a - b);
  const quantile = (q) => sorted[Math.ceil(q * sorted.length) - 1];
  return { p50: quantile(0.5), p99: quantile(0.99) };
}
