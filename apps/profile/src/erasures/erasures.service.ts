import { OutboxRelay, OutboxWriter } from '@app/outbox';
import { Problem } from '@app/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { customerErasedEvent } from '../domain/erased-event.js';
import { absentCustomer } from './absent-customer.js';
import { destroyCustomer, insertErasure, type LockedCustomer, lockCustomer } from './erase-customer.sql.js';
import { completeErasure, confirmGroup, lockErasure } from './erasure-groups.sql.js';
import { type ErasureView, findErasure } from './read-erasures.sql.js';

export interface ErasureRequest {
  customerId: string;
  requestedBy: string;
  traceparent?: string;
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
      const customer = await lockCustomer(manager, request.customerId);
      if (customer) await this.eraseLocked(manager, customer, request);
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
   * @throws 404 for an erasure or a group that is not known
   */
  confirm(id: string, consumerGroup: string): Promise<ErasureView> {
    return this.dataSource.transaction(async (manager) => {
      if (!(await lockErasure(manager, id))) throw erasureNotFound(id);
      if (await confirmGroup(manager, id, consumerGroup)) await completeErasure(manager, id);
      else await refuseUnknownGroup(manager, consumerGroup);
      return (await findErasure(manager, { id })) as ErasureView;
    });
  }

  private async eraseLocked(
    manager: EntityManager,
    customer: LockedCustomer,
    { requestedBy, traceparent }: ErasureRequest,
  ): Promise<void> {
    const id = uuidv7();
    await insertErasure(manager, { id, customerId: customer.id, requestedBy });
    await completeErasure(manager, id);
    await destroyCustomer(manager, customer.id);
    await this.outbox.append(manager, customerErasedEvent(customer, id, traceparent));
  }
}

async function refuseUnknownGroup(manager: EntityManager, consumerGroup: string): Promise<void> {
  const known = await manager.query<unknown[]>('SELECT FROM consumer_group WHERE name = $1', [consumerGroup]);
  if (known.length > 0) return;
  throw new Problem(404, 'consumer-group-not-found', 'There is no such consumer group.', {
    errors: [{ pointer: '/consumerGroup', detail: `No group is registered as ${consumerGroup}.` }],
  });
}

const erasureNotFound = (id: string): Problem =>
  new Problem(404, 'erasure-not-found', 'There is no such erasure.', { detail: `None has the id ${id}.` });
