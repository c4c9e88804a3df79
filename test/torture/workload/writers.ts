import { setTimeout as delay } from 'node:timers/promises';
import type { Customer } from '@app/contracts';
import type { Random } from '@app/testing';
import type { CustomerClient } from './customer-client.js';

export interface WorkloadOptions {
  customers: number;
  /** Requests under way at a time. */
  writers: number;
  /** Sets the tokens of these writers apart from those of others. */
  prefix?: string;
}

/** Clients that add customers and change them, each write under a token of its own, until they are told to stop. */
export class Writers {
  /** Answered with a version. */
  acknowledged = 0;
  private stopped = false;
  private tokens = 0;
  private readonly known = new Map<string, Customer>();
  private readonly prefix: string;
  private readonly running: Promise<void>[];

  constructor(
    private readonly client: CustomerClient,
    { customers, writers, prefix = 'w' }: WorkloadOptions,
    random: Random,
  ) {
    this.prefix = prefix;
    this.running = Array.from({ length: writers }, () => this.write(customers, random.fork()));
  }

  /** Resolves when so many writes have been acknowledged. */
  async reached(acknowledged: number): Promise<void> {
    while (this.acknowledged < acknowledged) await delay(20);
  }

  /** Ends after the requests under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async write(customers: number, random: Random): Promise<void> {
    while (!this.stopped) {
      const account = `C${random.below(customers)}`;
      const customer = this.known.get(account);
      if (!customer) await this.add(account);
      else if (random.chance(0.1)) await this.refresh(customer);
      else await this.change(customer, random);
    }
  }

  private async add(account: string): Promise<void> {
    const answer = await this.client.create(account, this.nextToken());
    if (answer.outcome === 'ok') this.note(answer.customer);
    else {
      const found = await this.client.find(account);
      if (found) this.known.set(account, found);
    }
  }

  private async change(customer: Customer, random: Random): Promise<void> {
    const what = random.pick(['name', 'name', 'address', 'both'] as const);
    const answer = await this.client.update(customer, this.nextToken(), what);
    if (answer.outcome === 'ok') this.note(answer.customer);
    else await this.refresh(customer);
  }

  private async refresh({ id, accountNumber }: Customer): Promise<void> {
    const answer = await this.client.read(id, accountNumber);
    if (answer.outcome === 'ok') this.known.set(accountNumber, answer.customer);
  }

  private note(customer: Customer): void {
    this.acknowledged++;
    this.known.set(customer.accountNumber, customer);
  }

  private nextToken(): string {
    return `${this.prefix}${++this.tokens}`;
  }
}
