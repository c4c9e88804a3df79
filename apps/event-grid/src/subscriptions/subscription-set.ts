import type { WantsType } from '@app/consumer';
import { takesEvents } from '../domain/subscription.js';
import { SubscriptionFilter } from '../domain/subscription-filter.js';
import type { Sql } from '../sql.js';
import type { SubscriptionRow } from './subscription-row.js';
import { listSubscriptions, revisionOf } from './subscriptions.sql.js';

/** Azure's limit for a topic. */
export const mostSubscriptions = 500;

export interface Subscription {
  row: SubscriptionRow;
  filter: SubscriptionFilter;
}

/** All subscriptions with their filters compiled, in memory as long as none changes. */
export class SubscriptionSet {
  private revision: string | undefined;
  private subscriptions: readonly Subscription[] = [];
  private wantsType: WantsType = () => false;

  /** As `sql` sees them: in a consumer's transaction, those that were committed before it. */
  async current(sql: Sql): Promise<readonly Subscription[]> {
    const revision = await revisionOf(sql);
    if (revision === this.revision) return this.subscriptions;
    const rows = await listSubscriptions(sql, '', mostSubscriptions);
    this.subscriptions = rows.map((row) => ({ row, filter: new SubscriptionFilter(row.properties.filter) }));
    this.wantsType = wantedTypesOf(this.subscriptions);
    this.revision = revision;
    return this.subscriptions;
  }

  /** Whether somebody for whom deliveries are written wants events of a type, as `sql` sees it. */
  async typesWanted(sql: Sql): Promise<WantsType> {
    await this.current(sql);
    return this.wantsType;
  }
}

function wantedTypesOf(subscriptions: readonly Subscription[]): WantsType {
  const wanted = new Set<string>();
  for (const { row, filter } of subscriptions) {
    if (!takesEvents(row.state)) continue;
    if (filter.typesTaken === undefined) return () => true;
    for (const type of filter.typesTaken) wanted.add(type);
  }
  return (type) => wanted.has(type.toLowerCase());
}
