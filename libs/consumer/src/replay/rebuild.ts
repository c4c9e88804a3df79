import type { EntityManager } from 'typeorm';

/**
 * How a consumer with `onReplay: 'rebuild'` builds its state anew beside the live one. The runtime calls both within its
 * own transactions, so that a crash leaves either the old state or the new one.
 *
 * While it is built, `context.rebuilding` is true: handlers write every event into what is being built, and those that
 * are no replay into the live state, too.
 */
export interface Rebuild {
  /** With the replay's begin: makes the empty state, and takes away what a rebuild that was replaced has left. */
  begin(manager: EntityManager): Promise<void>;
  /** When every partition has come to where the log ended: puts the new state in the live one's place. No handler runs. */
  finish(manager: EntityManager): Promise<void>;
}
