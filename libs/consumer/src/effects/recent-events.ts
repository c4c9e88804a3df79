/** What has become of an event that passed through this process. */
export interface RecentEffect {
  state: 'applied' | 'ignored';
  at: Date;
}

/** The last events that passed through this process, oldest forgotten first: what is not wanted leaves no other trace. */
export class RecentEvents {
  private readonly effects = new Map<string, RecentEffect>();

  constructor(private readonly capacity: number) {}

  add(ids: readonly string[], state: RecentEffect['state'], at: Date): void {
    const effect = { state, at };
    for (const id of ids) this.effects.set(id, effect);
    for (const oldest of this.effects.keys()) {
      if (this.effects.size <= this.capacity) break;
      this.effects.delete(oldest);
    }
  }

  clear(): void {
    this.effects.clear();
  }

  get(id: string): RecentEffect | undefined {
    return this.effects.get(id);
  }
}
