import { Inject, Injectable } from '@nestjs/common';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import type { SubscriptionRow } from '../subscriptions/subscription-row.js';
import { Resolver } from './resolver.js';
import { WebhookClient } from './webhook-client.js';

/** Deliveries of one subscription that may be under way at once. */
export const mostPerSubscription = 32;

/** One client a subscription, with connections that no other uses. */
@Injectable()
export class HandlerClients {
  private readonly clients = new Map<string, { url: string; client: WebhookClient }>();

  constructor(
    private readonly resolver: Resolver,
    @Inject(SETTINGS) private readonly settings: EventGridSettings,
  ) {}

  of({ id, properties: { endpointUrl: url } }: Pick<SubscriptionRow, 'id' | 'properties'>): WebhookClient {
    const known = this.clients.get(id);
    if (known?.url === url) return known.client;
    if (known) void known.client.close();
    const client = new WebhookClient(new URL(url), this.resolver, this.settings, mostPerSubscription);
    this.clients.set(id, { url, client });
    return client;
  }

  /** The subscription is no more. */
  drop(id: string): void {
    const known = this.clients.get(id);
    this.clients.delete(id);
    if (known) void known.client.close();
  }

  /** Whatever is under way is cut off. */
  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map(({ client }) => client.close()));
  }
}
