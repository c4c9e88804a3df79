import { Inject, Injectable } from '@nestjs/common';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import type { SubscriptionRow } from '../subscriptions/subscription-row.js';
import { Resolver } from './resolver.js';
import { WebhookClient } from './webhook-client.js';

/** Deliveries of one subscription that may be under way at once. */
export const mostPerSubscription = 32;

type Addressed = Pick<SubscriptionRow, 'id' | 'properties'>;

/** One client a subscription and address, with connections that no other uses. */
@Injectable()
export class HandlerClients {
  private readonly clients = new Map<string, WebhookClient>();
  /** Of addresses that are not called any more, until what is under way there has its answer. */
  private readonly finishing = new Set<WebhookClient>();

  constructor(
    private readonly resolver: Resolver,
    @Inject(SETTINGS) private readonly settings: EventGridSettings,
  ) {}

  of(row: Addressed): WebhookClient {
    const known = this.clients.get(keyOf(row));
    if (known) return known;
    const url = new URL(row.properties.endpointUrl);
    const client = new WebhookClient(url, this.resolver, this.settings, mostPerSubscription);
    this.clients.set(keyOf(row), client);
    return client;
  }

  /** Of the others nobody is called any more; what is under way there still gets its answer. */
  keepOnly(rows: readonly Addressed[]): void {
    if (this.clients.size === 0) return;
    const kept = new Set(rows.map(keyOf));
    for (const [key, client] of this.clients) {
      if (kept.has(key)) continue;
      this.clients.delete(key);
      this.finishing.add(client);
      void client.finish().finally(() => this.finishing.delete(client));
    }
  }

  /** Whatever is under way is cut off. */
  async close(): Promise<void> {
    await Promise.all([...this.clients.values(), ...this.finishing].map((client) => client.close()));
  }
}

const keyOf = ({ id, properties: { endpointUrl } }: Addressed): string => `${id} ${endpointUrl}`;
