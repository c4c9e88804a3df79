import { eventually, type RunningPlatform } from '@app/testing';
import type { Customer } from '@app/contracts';
import type { Client } from 'pg';
import type { CustomerClient } from '../workload/customer-client.js';
import { strictGroups } from './dead-letters.js';

const patience = { timeoutMs: 120_000, intervalMs: 100 };

/** Customers for whom handlers fail, by faults on demand. */
export class PoisonedCustomers {
  private readonly customers: Customer[] = [];
  private tokens = 0;

  constructor(
    private readonly client: CustomerClient,
    private readonly running: RunningPlatform,
  ) {}

  get ids(): string[] {
    return this.customers.map(({ id }) => id);
  }

  /** Each is there, and found: what happens to them later is the first thing that fails. */
  async add(count: number, search: Client): Promise<void> {
    for (let n = 0; n < count; n++) {
      const answer = await this.client.create(`P${n}`, this.nextToken());
      if (answer.outcome !== 'ok') throw new Error(`P${n} was not created: ${answer.status}`);
      this.customers.push(answer.customer);
    }
    await eventually(async () => {
      const found = await search.query('SELECT FROM search_customer WHERE id = ANY($1::uuid[])', [this.ids]);
      return found.rowCount === count;
    }, patience);
  }

  async poison(): Promise<void> {
    for (const group of strictGroups)
      for (const customerId of this.ids) await this.running.post(group, '/admin/faults', { customerId });
  }

  async heal(): Promise<void> {
    for (const group of strictGroups) {
      const response = await this.running.request(group, '/admin/faults', { method: 'DELETE' });
      if (!response.ok) throw new Error(`${group} keeps its faults: ${response.status}`);
    }
  }

  /** Each moves house once more: one event, wanted by all groups. */
  async change(): Promise<void> {
    for (const [index, customer] of this.customers.entries()) {
      const answer = await this.client.update(customer, this.nextToken(), 'address');
      if (answer.outcome !== 'ok') throw new Error(`${customer.accountNumber} was not changed`);
      this.customers[index] = answer.customer;
    }
  }

  private nextToken(): string {
    return `p${++this.tokens}`;
  }
}
