import { median } from '../report.mjs';

/** What a worker measured from its start on; it is ended. */
export async function runOf(/** @type {Promise<import('./worker.mjs').Worker>} */ starting) {
  const worker = await starting;
  const run = await worker.said('run');
  await worker.end();
  return run;
}

/** Processor time an event of the consumer's process. */
export const cpuOf = (runs) => `${median(runs.map(({ cpu, events }) => (cpu / events) * 1e6)).toFixed(0)} µs`;
