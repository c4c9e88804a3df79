import type { Customer } from '@app/contracts';
import { OutboxRelay, OutboxWriter } from '@app/outbox';
import { Problem } from '@app/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { lockCustomers } from '../customers/read-customers.sql.js';
import { customerErasedEvent } from '../domain/erased-event.js';
import { absentForWriting } from '../merges/merged-away.js';
import { forgetMerges, mergedInto } from '../merges/merge-tree.sql.js';
import { absentCustomer } from './absent-customer.js';
import { destroyCustomer, insertErasure } from './erase-customer.sql.js';
import { completeErasure, confirmGroup, lockErasure } from './erasure-groups.sql.js';
import { type ErasureView, findErasure } from './read-erasures.sql.js';

export interface ErasureRequest {
  customerId: string;
  requestedBy: string;
  traceparent?: string;
}

/** A consumer group's word, and which client gives it. */
export interface Confirmation {
  consumerGroup: string;
  client: string;
}

@Injectable()
export class ErasuresService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: OutboxWriter,
    private readonly relay: OutboxRelay,
  ) {}

  /** Erases a customer at once and for good; one that is erased already answers its erasure. @throws 404 */
  async erase(request: ErasureRequest): Promise<ErasureView> {
    const erasure = await this.dataSource.transaction(async (manager) => {
      const held = await holdFamily(manager, request.customerId);
      if (held.length > 0) await this.eraseHeld(manager, held, request);
      const found = await findErasure(manager, request);
      if (!found) throw await absentCustomer(manager, request.customerId);
      return found;
    });
    this.relay.wake();
    return erasure;
  }

  /** @throws 404 */
  async get(id: string): Promise<ErasureView> {
    const found = await findErasure(this.dataSource.manager, { id });
    if (found) return found;
    throw erasureNotFound(id);
  }

  /**
   * A group has carried an erasure out; told again, it changes nothing. A group that was registered later has nothing to
   * confirm, and is thanked all the same: it reads the event, too.
   * @throws 404 for an erasure or a group that is not known; 403 for a group of somebody else's
   */
  confirm(id: string, { consumerGroup, client }: Confirmation): Promise<ErasureView> {
    return this.dataSource.transaction(async (manager) => {
      if (!(await lockErasure(manager, id))) throw erasureNotFound(id);
      await refuseForeignGroup(manager, consumerGroup, client);
      if (await confirmGroup(manager, id, consumerGroup)) await completeErasure(manager, id);
      return (await findErasure(manager, { id })) as ErasureView;
    });
  }

  /** The survivor first: the erasures of those who were merged into it are part of its own. */
  private async eraseHeld(
    manager: EntityManager,
    held: readonly Customer[],
    { requestedBy, traceparent }: ErasureRequest,
  ): Promise<void> {
    let partOf: string | undefined;
    for (const customer of held) {
      const id = uuidv7();
      await insertErasure(manager, { id, customerId: customer.id, requestedBy, ...(partOf && { partOf }) });
      partOf ??= id;
      await completeErasure(manager, id);
      await destroyCustomer(manager, customer.id);
      await this.outbox.append(manager, customerErasedEvent(customer, id, traceparent));
    }
    await forgetMerges(
      manager,
      held.map(({ id }) => id),
    );
  }
}

/**
 * The customer and everybody who lives on in it, held until the transaction ends: no write, import, merge or republication
 * is between them and their erasure. Nobody where there is no such customer.
 * @throws 409 for a merged duplicate
 */
async function holdFamily(manager: EntityManager, customerId: string): Promise<Customer[]> {
  for (;;) {
    const ids = [customerId, ...(await mergedInto(manager, customerId))];
    const held = await lockCustomers(manager, ids);
    const customer = held.get(customerId);
    if (!customer) return [];
    if (customer.mergedInto !== undefined) throw await absentForWriting(manager, customerId);
    // Who was merged into it before the lock was had is locked in the next round: nobody can come or go then.
    const now = await mergedInto(manager, customerId);
    if (now.every((id) => held.has(id)) && held.size === now.length + 1) {
      return [customerId, ...now].flatMap((id) => held.get(id)?.customer ?? []);
    }
  }
}

/** Who confirms for a group that is not theirs would prove an erasure that has not happened. */
async function refuseForeignGroup(
  manager: EntityManager,
  consumerGroup: string,
  client: string,
): Promise<void> {
  const [group] = await manager.query<{ client: string | null }[]>(
    'SELECT client FROM consumer_group WHERE name = $1',
    [consumerGroup],
  );
  if (!group) {
    throw new Problem(404, 'consumer-group-not-found', 'There is no such consumer group.', {
      errors: [{ pointer: '/consumerGroup', detail: `No group is registered as ${consumerGroup}.` }],
    });
  }
  if (group.client === null || group.client === client) return;
  throw new Problem(403, 'consumer-group-of-another', 'Only its own client confirms for a consumer group.', {
    detail: `${consumerGroup} was registered by another client than that of this token.`,
  });
}

const erasureNotFound = (id: string): Problem =>
  new Problem(404, 'erasure-not-found', 'There is no such erasure.', { detail: `None has the id ${id}.` });
