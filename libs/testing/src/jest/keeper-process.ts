import type { ChildProcess } from 'node:child_process';

let held: ChildProcess | undefined;

/** Setup and teardown run in the same process, Jest's own: this is where the one leaves the keeper for the other. */
export function holdKeeper(keeper: ChildProcess): void {
  held = keeper;
}

export function releaseKeeper(): ChildProcess | undefined {
  const keeper = held;
  held = undefined;
  return keeper;
}
