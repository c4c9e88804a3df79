import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Caller } from '../workload/caller.js';
import type { TorturePlatform } from '../platform/torture-platform.js';

const timeoutMs = 30_000;
/** Between two requests of a visitor: they are there to be under way, the writers are the load. */
const pauseMs = 25;

/** What is asked of each service; what waits for an effect that never comes is an open request when the signal does. */
const paths: Readonly<Record<string, readonly (() => string)[]>> = {
  profile: [],
  'search-indexer': [() => '/v1/search/customers?q=w1', () => '/admin/consumer', waiting],
  'address-notifications': [() => `/v1/notifications?customerId=${randomUUID()}`, waiting],
  audit: [() => `/v1/audit/entries?customerId=${randomUUID()}`, () => '/admin/parked', waiting],
  'broker-http': [() => '/health', () => '/health'],
};

function waiting(): string {
  return `/admin/effects/${randomUUID()}?wait=20s`;
}

/** Clients that ask each service something, over and over, on connections that they keep. */
export class Visitors {
  readonly callers = new Map<string, Caller>();
  private stopped = false;
  private readonly running: Promise<void>[] = [];

  constructor(platform: TorturePlatform) {
    const headers = { authorization: `Bearer ${platform.token}` };
    for (const [name, asked] of Object.entries(paths)) {
      const caller = new Caller(platform.url(name));
      this.callers.set(name, caller);
      for (const path of asked) this.running.push(this.visit(caller, path, headers));
    }
  }

  /** Ends after the requests under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
    for (const caller of this.callers.values()) caller.close();
  }

  private async visit(caller: Caller, path: () => string, headers: Record<string, string>): Promise<void> {
    while (!this.stopped) {
      await caller.call('GET', path(), { headers, timeoutMs });
      await delay(pauseMs);
    }
  }
}
