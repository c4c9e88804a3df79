import type { ConsumerUrls } from '@app/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConsumerGroup } from '../consumer-groups/consumer-group.entity.js';
import { findCustomer } from '../customers/read-customers.sql.js';
import { absentForReading } from '../merges/merged-away.js';
import { ConsumerDataClient } from './consumer-data.client.js';
import { type HeldByProfile, heldByProfile } from './held-by-profile.js';

export const CONSUMERS = Symbol('consumers by group');

/** What one consumer holds, or why it is not known. */
export type ServiceData =
  | { consumerGroup: string; answered: true; held: Record<string, unknown> }
  | { consumerGroup: string; answered: false; reason: string };

export interface SubjectData {
  customerId: string;
  exportedAt: string;
  /** False where a service has not answered: ask again. */
  complete: boolean;
  profile: HeldByProfile;
  services: ServiceData[];
}

/** All that is held about a customer: profile's own, and what every consumer says. */
@Injectable()
export class ExportsService {
  private readonly logger = new Logger('Export');

  constructor(
    @Inject(CONSUMERS) private readonly consumers: ConsumerUrls,
    private readonly dataSource: DataSource,
    private readonly client: ConsumerDataClient,
  ) {}

  /** @throws 404 or 410 */
  async of(customerId: string): Promise<SubjectData> {
    const { manager } = this.dataSource;
    const customer = await findCustomer(manager, customerId);
    if (!customer) throw await absentForReading(manager, customerId, '/export');
    const profile = await heldByProfile(manager, customer);
    const services = await Promise.all((await this.groups()).map((group) => this.ask(group, customerId)));
    return {
      customerId,
      exportedAt: new Date().toISOString(),
      complete: services.every(({ answered }) => answered),
      profile,
      services,
    };
  }

  /** Those that are registered, whether we know their address or not, and those whose address we know. */
  private async groups(): Promise<string[]> {
    const registered = await this.dataSource.manager.find(ConsumerGroup);
    const names = new Set([...registered.map(({ name }) => name), ...this.consumers.keys()]);
    return [...names].sort((a, b) => (a < b ? -1 : 1));
  }

  private async ask(consumerGroup: string, customerId: string): Promise<ServiceData> {
    const url = this.consumers.get(consumerGroup);
    if (!url) return { consumerGroup, answered: false, reason: 'its address is not known: CONSUMER_URLS' };
    try {
      return { consumerGroup, answered: true, held: await this.client.heldBy(url, customerId) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`an export lacks what ${consumerGroup} holds: ${reason}`);
      return { consumerGroup, answered: false, reason };
    }
  }
}
