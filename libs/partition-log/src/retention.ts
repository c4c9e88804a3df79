/** What may go from a partition. Without a limit everything stays; with both, a record goes as soon as either lets it. */
export interface Retention {
  /** Records younger than so many milliseconds stay. */
  readonly ms?: number | undefined;
  /** The newest records stay, so many bytes of them. */
  readonly bytes?: number | undefined;
  /** Everything before this offset may go, once a whole segment of it can. Asked at each `expire`. */
  readonly keepFrom?: (() => number) | undefined;
}

/** Whether records may go of which the youngest was taken at `newestTime`, with so many bytes behind them. */
export function isExpired(
  { ms, bytes }: Retention,
  { newestTime, bytesBehind }: { newestTime: number; bytesBehind: number },
  now: number,
): boolean {
  return (ms !== undefined && newestTime + ms <= now) || (bytes !== undefined && bytesBehind >= bytes);
}

/**
 * The time that ages are reckoned with. While a process runs, it goes forward no faster than a clock that
 * nobody sets: a wall clock that jumps ahead removes nothing early, one that jumps back keeps more.
 */
export function steadyClock(wall: () => number, uptime: () => number): () => number {
  const offset = wall() - uptime();
  return () => Math.min(wall(), offset + uptime());
}
