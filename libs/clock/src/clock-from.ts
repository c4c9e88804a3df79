import type { Clock, MovableClock } from './clock.js';
import { RunningClock } from './running-clock.js';

/**
 * The clock that `CLOCK` asks for: the machine's without it; with `CLOCK=virtual` one that goes on like the machine's and
 * can be moved forward besides.
 * @returns `movable` only where it may be moved: an admin call without it answers 404
 * @throws RangeError any other value
 */
export function clockFrom(env: NodeJS.ProcessEnv): { clock: Clock; movable: MovableClock | undefined } {
  const wanted = env['CLOCK'] ?? '';
  if (wanted !== '' && wanted !== 'virtual')
    throw new RangeError(`CLOCK must be virtual or absent, not '${wanted}'`);
  const clock = new RunningClock();
  return { clock, movable: wanted === 'virtual' ? clock : undefined };
}
