export type * from './clock.js';
export { clockFrom } from './clock-from.js';
export { RunningClock } from './running-clock.js';
export { VirtualClock } from './virtual-clock.js';
