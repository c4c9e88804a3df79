/** Below this a connection always has room: its socket tells when it has taken so much, not before. */
const MIN_PART_BYTES = 64 * 1024;

/**
 * Bounds what all connections together have not read yet: above `maxBytes` only those are given more whose
 * own backlog is below an equal part.
 */
export class SendBudget {
  private held = 0;
  private holders = 0;

  constructor(private readonly maxBytes: number) {}

  /** Bytes that are held now. */
  get bytes(): number {
    return this.held;
  }

  open(): Backlog {
    return new Backlog((before, now) => {
      this.held += now - before;
      this.holders += Number(now > 0) - Number(before > 0);
    }, this);
  }

  /** Whether a connection with so many unsent bytes may be given more. */
  hasRoom(bytes: number): boolean {
    return this.held <= this.maxBytes || bytes < Math.max(this.maxBytes / this.holders, MIN_PART_BYTES);
  }
}

/** The unsent bytes of one connection. */
export class Backlog {
  private bytes = 0;

  constructor(
    private readonly changed: (before: number, now: number) => void,
    private readonly budget: SendBudget,
  ) {}

  set(bytes: number): void {
    const before = this.bytes;
    this.bytes = bytes;
    if (bytes !== before) this.changed(before, bytes);
  }

  get hasRoom(): boolean {
    return this.budget.hasRoom(this.bytes);
  }
}
