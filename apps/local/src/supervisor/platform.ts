import type { Part } from './part.js';
import { type Journal, Supervised } from './supervised.js';

/** All parts together: each starts once what it needs is ready, and stops once nobody needs it any more. */
export class Platform {
  private readonly supervised: ReadonlyMap<string, Supervised>;
  private readonly started = new Map<string, Promise<void>>();
  private readonly stopped = new Map<string, Promise<void>>();

  constructor(parts: readonly Part[], journal: Journal) {
    this.supervised = new Map(parts.map((part) => [part.name, new Supervised(part, journal)]));
    for (const part of parts)
      for (const need of leansOn(part))
        if (!this.supervised.has(need)) throw new Error(`${part.name} needs ${need}, which is not there`);
  }

  /** Resolves when every part is ready. */
  async start(): Promise<void> {
    await Promise.all([...this.supervised.keys()].map((name) => this.startOne(name)));
  }

  /** In the order in which parts need each other: who needs nobody's help stops last. */
  async stop(): Promise<void> {
    await Promise.all([...this.supervised.keys()].map((name) => this.stopOne(name)));
  }

  /** No farewells. */
  kill(): void {
    for (const supervised of this.supervised.values()) supervised.kill();
  }

  private startOne(name: string): Promise<void> {
    return once(this.started, name, async () => {
      const { part } = this.get(name);
      await Promise.all(part.needs.map((need) => this.startOne(need)));
      if (this.stopped.size === 0) await this.get(name).start();
    });
  }

  private stopOne(name: string): Promise<void> {
    return once(this.stopped, name, async () => {
      const users = [...this.supervised.values()].filter(({ part }) => leansOn(part).includes(name));
      await Promise.all(users.map((user) => this.stopOne(user.part.name)));
      await this.get(name).stop();
    });
  }

  private get(name: string): Supervised {
    const supervised = this.supervised.get(name);
    if (!supervised) throw new Error(`no part is called ${name}`);
    return supervised;
  }
}

const leansOn = ({ needs, uses = [] }: Part): string[] => [...needs, ...uses];

function once(done: Map<string, Promise<void>>, name: string, work: () => Promise<void>): Promise<void> {
  const known = done.get(name);
  if (known) return known;
  const promise = work();
  done.set(name, promise);
  return promise;
}
