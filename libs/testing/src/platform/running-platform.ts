import { randomUUID } from 'node:crypto';
import { eventually } from '../eventually.js';

export const platformServices = [
  'profile',
  'search-indexer',
  'address-notifications',
  'audit',
  'event-grid',
  'console',
  'mailbox',
] as const;
export type PlatformService = (typeof platformServices)[number];
export type PlatformUrls = Record<PlatformService, string>;

/** The consumers that serve `/admin/consumer`. */
export const platformConsumers = ['search-indexer', 'address-notifications', 'audit', 'event-grid'] as const;

export interface GroupEffect {
  state: 'pending' | 'applied' | 'ignored' | 'retrying' | 'parked' | 'discarded';
  at?: string;
  waitingBehind?: number;
}

export interface Effects {
  eventId: string;
  settled: boolean;
  groups: Record<string, GroupEffect>;
}

/** A customer as the last write left it. */
export interface Written {
  id: string;
  version: number;
  etag: string;
  /** In the order of the facts; empty where nothing changed. */
  eventIds: string[];
}

interface ConsumerState {
  partitions: { lagEvents: number; sequenceNumber: number }[];
  retrying: number;
}

/** A platform that runs somewhere, as its clients and its operators see it: for whole scenarios, without a sleep. */
export class RunningPlatform {
  constructor(
    readonly urls: PlatformUrls,
    protected token: string,
  ) {}

  url(service: PlatformService): string {
    return this.urls[service];
  }

  /** One request with the platform's token; whatever the answer is. */
  request(service: PlatformService, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${this.token}`);
    if (typeof init.body === 'string' && !headers.has('content-type'))
      headers.set('content-type', 'application/json');
    return fetch(this.url(service) + path, { ...init, headers });
  }

  /** @throws when the answer is no success */
  async get<T>(service: PlatformService, path: string): Promise<T> {
    return (await this.succeed(service, path)).json() as Promise<T>;
  }

  /** @throws when the answer is no success */
  async post(service: PlatformService, path: string, body?: unknown): Promise<Response> {
    return this.succeed(service, path, { method: 'POST', body: JSON.stringify(body ?? {}) });
  }

  /** Every item of a list, page by page. */
  async all<T>(service: PlatformService, path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const separator = path.includes('?') ? '&' : '?';
      const query: string = cursor === '' ? '' : `${separator}cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; nextCursor?: string } = await this.get(service, path + query);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }

  /** A new customer under an account number that nobody else has. */
  async addCustomer(members: object = {}): Promise<Written> {
    const customer = {
      accountNumber: `S-${randomUUID()}`,
      givenName: 'Sam',
      familyName: 'Scenario',
      ...members,
    };
    return writtenBy(await this.post('profile', '/v1/customers', customer));
  }

  /** A merge patch (RFC 7396) on the version at hand. @throws when somebody else was quicker */
  async change({ id, etag }: Written, patch: object): Promise<Written> {
    const headers = { 'if-match': etag, 'content-type': 'application/merge-patch+json' };
    const init = { method: 'PATCH', headers, body: JSON.stringify(patch) };
    return writtenBy(await this.succeed('profile', `/v1/customers/${id}`, init));
  }

  /** What every group, or the named ones, made of an event: answers when all have dealt with it. */
  effects(eventId: string, { groups = [] as readonly string[], waitSeconds = 30 } = {}): Promise<Effects> {
    const query = new URLSearchParams({ wait: `${waitSeconds}s` });
    if (groups.length > 0) query.set('groups', groups.join(','));
    return this.get('console', `/v1/events/${encodeURIComponent(eventId)}/effects?${query.toString()}`);
  }

  /** Resolves when every accepted change is published and every consumer has applied, ignored or parked it. */
  async settled({ timeoutMs = 120_000 } = {}): Promise<void> {
    const nothingWaits = async (): Promise<true> => {
      const waiting = await this.waiting();
      if (waiting.length > 0) throw new Error(`not settled: ${waiting.join(', ')}`);
      return true;
    };
    await eventually(nothingWaits, { timeoutMs, intervalMs: 100 });
  }

  private async waiting(): Promise<string[]> {
    const waiting: string[] = [];
    const metrics = await (await fetch(`${this.url('profile')}/metrics`)).text();
    const outbox = Number(/^outbox_pending (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
    if (outbox !== 0) waiting.push(`${outbox} in the outbox`);
    const ends = new Set<number>();
    for (const consumer of platformConsumers) {
      const { partitions, retrying } = await this.get<ConsumerState>(consumer, '/admin/consumer');
      const lag = partitions.reduce((sum, partition) => sum + partition.lagEvents, 0);
      if (partitions.length === 0 || lag !== 0) waiting.push(`${consumer} is ${lag} behind`);
      if (retrying > 0) waiting.push(`${consumer} retries ${retrying}`);
      ends.add(partitions.reduce((sum, partition) => sum + partition.sequenceNumber, 0));
    }
    if (ends.size > 1) waiting.push(`consumers end at ${[...ends].join(' and ')}`);
    return waiting;
  }

  private async succeed(service: PlatformService, path: string, init?: RequestInit): Promise<Response> {
    const response = await this.request(service, path, init);
    if (response.ok) return response;
    throw new Error(`${service} ${path} answered ${response.status}: ${await response.text()}`);
  }
}

async function writtenBy(response: Response): Promise<Written> {
  const { id, version } = (await response.json()) as { id: string; version: number };
  const eventIds = (response.headers.get('event-id') ?? '').split(',').map((eventId) => eventId.trim());
  return { id, version, etag: response.headers.get('etag') ?? '', eventIds: eventIds.filter(Boolean) };
}
