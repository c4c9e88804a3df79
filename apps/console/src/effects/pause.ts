import { setTimeout } from 'node:timers/promises';

/** Lets time pass before a service that was not there is asked again. */
export async function pause(ms: number): Promise<void> {
  await setTimeout(Math.max(ms, 0));
}
