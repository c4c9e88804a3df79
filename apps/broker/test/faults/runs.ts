import { seedOfRun } from '@app/testing';

/** The seed of this run: from `SEED=`, or any. Printed, so that a failure can be repeated. */
export function seedOf(what: string): number {
  const seed = seedOfRun();
  process.stdout.write(`${what}: SEED=${seed}\n`);
  return seed;
}

/** How much work a run does: from an environment variable for a soak, or what fits CI. */
export function sizeOf(variable: string, inCi: number): number {
  const size = Number(process.env[variable] ?? inCi);
  if (!Number.isInteger(size) || size < 1) throw new Error(`${variable}=${process.env[variable]} is no size`);
  return size;
}
