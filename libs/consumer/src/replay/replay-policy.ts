/**
 * What it means to this consumer when its group reads the past again:
 * - `rebuild`: throw the state away and build it anew (a search view)
 * - `reapply`: handle the events again on top of the state (the default)
 * - `verify`: compare, append nothing twice (an audit)
 */
export type ReplayPolicy = 'rebuild' | 'reapply' | 'verify';
