import { appendFileSync } from 'node:fs';
import { type Run, reportOf } from '../checker/report.js';

/** Where `npm run torture` gathers the runs for its table; Jest alone has none. */
export const runsFileVariable = 'TORTURE_RUNS';
export const sizeVariable = 'TORTURE_SIZE';

/** Tells of a run: on the terminal, and to `npm run torture`. */
export function publish(run: Run): void {
  process.stdout.write(`${reportOf(run)}\n`);
  const file = process.env[runsFileVariable];
  if (file) appendFileSync(file, `${JSON.stringify(run)}\n`);
}

/** The size of a run: as every CI run has it, or `--soak`. */
export const sizeOf = <T>({ ci, soak }: { ci: T; soak: T }): T =>
  process.env[sizeVariable] === 'soak' ? soak : ci;
