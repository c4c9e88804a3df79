import { FaultyProxy } from '@app/testing';

export type Target = 'engine' | 'PostgreSQL' | 'profile';

/** The way over which one service reaches something. */
export interface Link {
  name: string;
  proxy: FaultyProxy;
}

/** Ways between services and what they need, each with a network of its own that can be broken. */
export class Links {
  readonly all: Link[] = [];

  /** Answers the port to connect to. */
  async add(from: string, to: Target, targetPort: number): Promise<number> {
    const proxy = await FaultyProxy.to(targetPort);
    this.all.push({ name: `${from} → ${to}`, proxy });
    return proxy.port;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(({ proxy }) => proxy.close()));
  }
}
