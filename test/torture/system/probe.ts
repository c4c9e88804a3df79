import type { Customer } from '@app/contracts';
import { eventually } from '@app/testing';
import { consumerNames, type ServiceName, type TorturePlatform } from '../platform/torture-platform.js';
import type { CustomerClient } from '../workload/customer-client.js';

/** Beyond what is allowed, so that the report says how long it took. */
const patience = { timeoutMs: 120_000, intervalMs: 50 };

/** One answer each: whether the group has done with every version of a customer. */
const doneSql: Partial<Record<ServiceName, string>> = {
  audit: 'SELECT count(*) >= $2 AS done FROM audit_entry WHERE subject = $1::text',
  'search-indexer':
    'SELECT coalesce(max(version), 0) >= $2 AS done FROM search_customer WHERE id = $1::text::uuid',
  // Its mail waits for its turn behind those of all others.
  'address-notifications': `SELECT count(*) > 0 AND $2::int > 0 AS done FROM notification WHERE customer_id = $1::text`,
};

/** A customer that is followed through all groups while something is wrong with the platform. */
export class Probe {
  private changed: Promise<{ outcome: string; customer?: Customer }> | undefined;

  private constructor(
    private readonly platform: TorturePlatform,
    private readonly client: CustomerClient,
    private readonly name: string,
    private customer: Customer,
  ) {}

  static async create(platform: TorturePlatform, client: CustomerClient, n: number): Promise<Probe> {
    const name = `probe${n}`;
    const answer = await client.create(`P${n}`, name);
    if (answer.outcome !== 'ok') throw new Error(`${name} was not created: ${answer.status}`);
    return new Probe(platform, client, name, answer.customer);
  }

  /** Its next event fails once in every consumer that can be told so. */
  async changeAndFailOnce(): Promise<void> {
    await Promise.all(consumerNames.map((name) => this.failOnce(name)));
    this.changed = this.client.update(this.customer, `${this.name}.0`, 'both');
  }

  /** Changed now, if it could not be before: resolves when every group has gone on with it, with how long that took. */
  async untilEverywhere(): Promise<number> {
    const began = performance.now();
    for (let n = 1; (await this.changed)?.outcome !== 'ok'; n++) {
      const read = await this.client.read(this.customer.id, this.customer.accountNumber);
      if (read.outcome === 'ok') this.customer = read.customer;
      this.changed = this.client.update(this.customer, `${this.name}.${n}`, 'both');
      if (performance.now() - began > patience.timeoutMs) throw new Error(`${this.name} cannot be changed`);
    }
    const { customer } = (await this.changed) ?? {};
    await Promise.all(consumerNames.map((name) => this.until(name, customer?.version ?? 0)));
    return performance.now() - began;
  }

  private async until(name: ServiceName, version: number): Promise<void> {
    const sql = await this.platform.sql(name);
    await eventually(async () => {
      const { rows } = await sql.query<{ done: boolean }>(doneSql[name] ?? '', [this.customer.id, version]);
      return rows[0]?.done === true;
    }, patience).catch((cause: unknown) => {
      throw new Error(`${name} has not gone on with ${this.name} (${this.customer.id})`, { cause });
    });
    await sql.end();
  }

  private async failOnce(name: ServiceName): Promise<void> {
    await fetch(`${this.platform.url(name)}/admin/faults`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.platform.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ customerId: this.customer.id, times: 1 }),
      signal: AbortSignal.timeout(5_000),
    });
  }
}
