import { appendFileSync } from 'node:fs';
import { type Run, reportOf } from '../checker/report.js';

/** Where `npm run torture` gathers the runs for its table; Jest alone has none. */
export const runsFileVariable = 'TORTURE_RUNS';
export const sizeVariable = 'TORTURE_SIZE';
export const keepVariable = 'TORTURE_KEEP';

/** Tells of a run: on the terminal, and to `npm run torture`. */
export function publish(run: Run): void {
  process.stdout.write(`${reportOf(run)}\n`);
  const file = process.env[runsFileVariable];
  if (file) appendFileSync(file, `${JSON.stringify(run)}\n`);
}

/** `ci` with all other tests, `full` by `npm run torture`, `soak` by `npm run torture -- --soak`. */
export interface Sizes<T> {
  ci: T;
  full: T;
  soak: T;
}

export function sizeOf<T>(sizes: Sizes<T>): T {
  const wanted = process.env[sizeVariable] ?? 'ci';
  if (wanted in sizes) return sizes[wanted as keyof Sizes<T>];
  throw new Error(`${sizeVariable} must be one of ${Object.keys(sizes).join(', ')}, not ${wanted}`);
}

/** `--keep`: data stays even where nothing was found. */
export const keepData = (): boolean => process.env[keepVariable] === '1';
