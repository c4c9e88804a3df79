import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Of two neighbours that are settled in one turn of the event loop rhea 3.0.5 tells the second the outcome of the first
 * (session.js, write_dispositions: `first !== last` holds from the third on only): what failed would be completed, and lost.
 * Those that are completed share a turn, and with it a frame; every other outcome has a turn of its own.
 */
export class Turns {
  private last: Promise<void> = Promise.resolve();
  private shared: Promise<void> | undefined;

  /** Resolves in the turn in which to settle. */
  next(how: 'shared' | 'alone'): Promise<void> {
    if (how === 'alone') {
      this.shared = undefined;
      return this.append();
    }
    return (this.shared ??= this.append(() => (this.shared = undefined)));
  }

  private append(begun?: () => void): Promise<void> {
    this.last = after(this.last, begun);
    return this.last;
  }
}

async function after(last: Promise<void>, begun?: () => void): Promise<void> {
  await last;
  await nextTurn();
  begun?.();
}
