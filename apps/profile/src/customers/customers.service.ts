import {
  type Address,
  type AddressKind,
  type Customer,
  type CustomerInput,
  newPersonalDataKey,
} from '@app/contracts';
import { OutboxRelay } from '@app/outbox';
import { Together } from '@app/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { newId } from '../domain/new-id.js';
import { eventOf } from '../domain/event.js';
import { type CustomerContent, customerAdded, factsBetween } from '../domain/facts.js';
import { currentActor } from '../history/actor.js';
import { recordOf } from '../idempotency/idempotency-records.sql.js';
import type { KeyedRequest } from '../idempotency/keyed-request.js';
import { answerOf, type Written } from './answer.js';
import { refuseUnwritableNumber } from '../erasures/absent-customer.js';
import { absentForReading, absentForWriting } from '../merges/merged-away.js';
import { checkVersion, preconditionFailed } from './preconditions.js';
import { accountNumberTaken, tooBusy, tooManyReads } from './problems.js';
import {
  type CustomerFilter,
  findCustomers,
  findForChange,
  type KeyedCustomer,
  listCustomers,
} from './read-customers.sql.js';
import { SharedWrites } from './shared-writes.js';
import { type ChangedCustomer, CustomerWriter, type NewCustomer } from './write-customers.sql.js';

/** Decides what a customer should become; may refuse by throwing. */
type Change = (current: Customer) => CustomerContent;

/** Others changed the same customer in between this often: something is wrong, or too busy to wait for. */
const attempts = 10;

/** To wake the database for each read costs more than to look a customer up. */
const sharedReads = { most: 64, atOnce: 2, queue: { longest: 2_000, refusal: tooManyReads } };

@Injectable()
export class CustomersService {
  private readonly reads: Together<string, Customer | undefined>;
  private readonly creates: SharedWrites<NewCustomer>;
  private readonly changes: SharedWrites<ChangedCustomer>;

  constructor(
    private readonly dataSource: DataSource,
    writer: CustomerWriter,
    private readonly relay: OutboxRelay,
  ) {
    const { manager } = dataSource;
    this.reads = new Together(async (ids) => {
      const found = await findCustomers(manager, ids);
      return ids.map((id) => found.get(id));
    }, sharedReads);
    this.creates = new SharedWrites<NewCustomer>((batch) => writer.insert(manager, batch), idOf);
    this.changes = new SharedWrites<ChangedCustomer>((batch) => writer.update(manager, batch), idOf);
  }

  async get(id: string): Promise<Customer> {
    const customer = await this.reads.add(id);
    if (!customer) throw await absentForReading(this.dataSource.manager, id);
    return customer;
  }

  list(filter: CustomerFilter): Promise<Customer[]> {
    return listCustomers(this.dataSource.manager, filter);
  }

  async create(input: CustomerInput, traceparent?: string, keyed?: KeyedRequest): Promise<Written> {
    const written = await this.tryCreate(input, traceparent, keyed);
    if (!written) throw accountNumberTaken(input.accountNumber);
    return written;
  }

  /** Creates or replaces by the source system's number; consents are not the source system's to change. */
  async put(input: CustomerInput, ifMatch?: string, traceparent?: string): Promise<Written> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = await findForChange(this.dataSource.manager, { accountNumber: input.accountNumber });
      if (!found && ifMatch !== undefined) {
        await refuseUnwritableNumber(this.dataSource.manager, input.accountNumber);
        throw preconditionFailed();
      }
      const change: Change = (current) => ({ ...input, consents: current.consents });
      const written = found
        ? await this.tryChange(found, ifMatch, change, traceparent)
        : await this.tryCreate(input, traceparent);
      if (written) return written;
      if (!found) await refuseUnwritableNumber(this.dataSource.manager, input.accountNumber);
    }
    throw tooBusy();
  }

  async change(id: string, ifMatch: string, change: Change, traceparent?: string): Promise<Written> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = await findForChange(this.dataSource.manager, { id });
      if (!found) throw await absentForWriting(this.dataSource.manager, id);
      const written = await this.tryChange(found, ifMatch, change, traceparent);
      if (written) return written;
    }
    throw tooBusy();
  }

  /** Sets an address, or takes it away. */
  setAddress(
    id: string,
    kind: AddressKind,
    address: Address | undefined,
    ifMatch: string,
    traceparent?: string,
  ) {
    const change: Change = (current) => ({
      ...current,
      addresses: { ...current.addresses, [kind]: address },
    });
    return this.change(id, ifMatch, change, traceparent);
  }

  private async tryCreate(
    input: CustomerInput,
    traceparent?: string,
    keyed?: KeyedRequest,
  ): Promise<Written | undefined> {
    const fact = customerAdded(newId(), { ...input, consents: {} }, new Date().toISOString());
    const key = newPersonalDataKey();
    const events = [eventOf(fact, key, traceparent)];
    const written = { customer: fact.current, events, created: true };
    const record = keyed && recordOf(keyed, answerOf(written), { id: fact.current.id, key });
    const one = { customer: fact.current, key, events, actor: currentActor(), record };
    if (!(await this.creates.add(one))) return undefined;
    this.relay.wake([fact.current.id]);
    return written;
  }

  /** Nothing where somebody else was quicker: the caller looks again, and its precondition with it. */
  private async tryChange(
    { customer, key, mergedInto }: KeyedCustomer,
    ifMatch: string | undefined,
    change: Change,
    traceparent?: string,
  ): Promise<Written | undefined> {
    if (mergedInto !== undefined) throw await absentForWriting(this.dataSource.manager, customer.id);
    checkVersion(ifMatch, customer.version);
    const facts = factsBetween(customer, change(customer), new Date().toISOString());
    const last = facts.at(-1);
    if (!last) return { customer, events: [], created: false };
    const events = facts.map((fact) => eventOf(fact, key, traceparent));
    const one = {
      customer: last.current,
      fromVersion: customer.version,
      events,
      actor: currentActor(),
    };
    if (!(await this.changes.add(one))) return undefined;
    this.relay.wake([customer.id]);
    return { customer: last.current, events, created: false };
  }
}

const idOf = ({ customer }: { customer: Customer }): string => customer.id;
