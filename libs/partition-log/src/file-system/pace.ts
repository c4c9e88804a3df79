/** Of a disk whose syncs take less than this on average, a sync is worth no trip to the thread pool. */
const QUICK_MS = 0.5;
/** Of one whose syncs take less than this, a write is worth none: it goes to memory of the system. */
const FAIR_MS = 10;
/** How much the newest of the operations weighs in the average: one of 50 ms counts for the next twenty. */
const WEIGHT = 1 / 8;
/** The event loop waits for syncs a quarter of the time at most. */
const REST = 3;

/**
 * Whether to ask the disk at once or in the thread pool. A trip to the pool and back costs up to as much as the
 * sync of a quick disk, and delays whoever waits for it; but a slow disk that was asked at once would stop the
 * event loop. So a slow answer sends what follows to the pool, until enough of them were quick again.
 */
export class Pace {
  private averageMs = Infinity;
  private onTheirWay = 0;
  private restUntil = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  get mayWriteAtOnce(): boolean {
    return this.averageMs < FAIR_MS;
  }

  /** No other sync is on its way, and the last one was not just now. */
  get maySyncAtOnce(): boolean {
    return this.averageMs < QUICK_MS && this.onTheirWay === 0 && this.now() >= this.restUntil;
  }

  writeAtOnce(write: () => number): number {
    const started = this.now();
    try {
      return write();
    } finally {
      const ms = this.now() - started;
      if (ms > this.averageMs) this.took(ms);
    }
  }

  syncAtOnce(sync: () => void): void {
    const started = this.now();
    try {
      sync();
    } finally {
      const ended = this.now();
      this.took(ended - started);
      this.restUntil = ended + REST * (ended - started);
    }
  }

  async syncInPool(sync: () => Promise<void>): Promise<void> {
    const started = this.now();
    this.onTheirWay++;
    try {
      await sync();
    } finally {
      this.onTheirWay--;
      this.took(this.now() - started);
    }
  }

  private took(ms: number): void {
    this.averageMs =
      this.averageMs === Infinity ? ms + FAIR_MS : this.averageMs + (ms - this.averageMs) * WEIGHT;
  }
}
