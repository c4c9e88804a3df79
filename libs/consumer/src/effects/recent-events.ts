import { RecentMap } from '../recent/recent-map.js';

/** What has become of an event that passed through this process. */
export interface RecentEffect {
  state: 'applied' | 'ignored';
  at: Date;
}

/** The last events that passed through this process, oldest forgotten first: what is not wanted leaves no other trace. */
export class RecentEvents {
  private readonly effects: RecentMap<string, RecentEffect>;

  constructor(capacity: number) {
    this.effects = new RecentMap(capacity);
  }

  add(ids: readonly string[], state: RecentEffect['state'], at: Date): void {
    const effect = { state, at };
    for (const id of ids) this.effects.set(id, effect);
  }

  clear(): void {
    this.effects.clear();
  }

  get(id: string): RecentEffect | undefined {
    return this.effects.get(id);
  }
}
