/** Where the stream holds an event, and whose it is: an id is distinct together with its source only. */
export interface SeenEvent {
  partitionId: string;
  sequenceNumber: number;
  source: string;
}

/**
 * The last events of the stream, by id: at most `capacity`, the oldest forgotten first. An id that comes again keeps
 * the place where it came first.
 */
export class SeenEvents {
  private readonly events = new Map<string, SeenEvent>();
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(private readonly capacity: number) {}

  get(eventId: string): SeenEvent | undefined {
    return this.events.get(eventId);
  }

  get size(): number {
    return this.events.size;
  }

  add(eventId: string, event: SeenEvent): void {
    if (this.events.has(eventId)) return;
    this.events.set(eventId, event);
    if (this.events.size > this.capacity) {
      const oldest = this.events.keys().next();
      if (!oldest.done) this.events.delete(oldest.value);
    }
    for (const tell of this.waiting.get(eventId) ?? []) tell();
  }

  /** Calls `tell` when the event comes. @returns how to take that back. */
  onSeen(eventId: string, tell: () => void): () => void {
    const tellers = this.waiting.get(eventId) ?? new Set();
    this.waiting.set(eventId, tellers.add(tell));
    return () => {
      tellers.delete(tell);
      if (tellers.size === 0) this.waiting.delete(eventId);
    };
  }
}
