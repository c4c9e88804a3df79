import { isDeepStrictEqual } from 'node:util';
import {
  type Customer,
  type CustomerEvent,
  type Lent,
  mostPreferences,
  type SealingKey,
} from '@app/contracts';
import { OutboxRelay } from '@app/outbox';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type KeyedCustomer, lockCustomers } from '../customers/read-customers.sql.js';
import { CustomerWriter } from '../customers/write-customers.sql.js';
import { eventOf } from '../domain/event.js';
import { mostConsents } from '../domain/consent.js';
import { takenFrom, undo, withTaken } from '../domain/merge.js';
import { mergeFact, type MergeStep } from '../domain/merge-facts.js';
import type { CustomerContent } from '../domain/facts.js';
import { refuseLostKeys } from '../erasures/absent-customer.js';
import { currentActor } from '../history/actor.js';
import { remember, type Sealer } from '../idempotency/idempotency-records.sql.js';
import type { KeyedRequest } from '../idempotency/keyed-request.js';
import { answerToMerge, answerToRevert, type Merged, type Unmerged } from './answers-kept.js';
import * as store from './merge-store.sql.js';
import { absentForWriting } from './merged-away.js';
import { survivorOf } from './merge-tree.sql.js';
import * as problems from './problems.js';
import { provenanceOf } from './provenance.js';

interface Pair {
  survivor: KeyedCustomer;
  duplicate: KeyedCustomer;
}

/** What a step makes of one of the two, and what that is told with. */
interface Becoming {
  before: Customer;
  content: CustomerContent;
  changed: string[];
  key: SealingKey;
}

/** Makes one customer of two, and two of one again. */
@Injectable()
export class MergesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly writer: CustomerWriter,
    private readonly relay: OutboxRelay,
  ) {}

  async get(id: string): Promise<store.Merge> {
    const merge = await store.findMerge(this.dataSource.manager, id);
    if (!merge) throw problems.mergeNotFound(id);
    return merge;
  }

  async merge(
    survivorId: string,
    duplicateId: string,
    traceparent?: string,
    keyed?: KeyedRequest,
  ): Promise<Merged> {
    if (survivorId === duplicateId) throw problems.invalidDuplicate('must be another customer');
    const merged = await this.dataSource.transaction(async (manager) => {
      const { survivor, duplicate } = await holdForMerge(manager, survivorId, duplicateId);
      const taken = takenFrom(duplicate.customer, survivor.customer).map((one): store.TakenOf =>
        Object.assign(one, { origin: lenderOf(duplicate, one)?.customerId ?? duplicateId }),
      );
      const content = withTaken(survivor.customer, taken);
      refuseTooMuch(content);
      const mergeId = uuidv7();
      const at = new Date().toISOString();
      const lent = [...survivor.key.lent, ...lentBy(duplicate, taken)];
      const key = { own: survivor.key.own, lent };
      const changed = taken.map(({ path }) => path);
      const written = await this.write(
        manager,
        { type: 'CustomersMerged', mergeId, at, traceparent },
        { before: survivor.customer, content, changed, key },
        { before: duplicate.customer, content: duplicate.customer, changed: [], key: duplicate.key },
      );
      const by = currentActor();
      await store.insertMerge(manager, { id: mergeId, survivorId, duplicateId, taken, at, by });
      const { survivor: customer, events } = written;
      const done: Merged = { mergeId, customer, provenance: provenanceOf(customer, lent), events };
      await remember(manager, keyed, answerToMerge(done), sealersOf(survivor, duplicate));
      return done;
    });
    this.relay.wake();
    return merged;
  }

  async revert(mergeId: string, traceparent?: string, keyed?: KeyedRequest): Promise<Unmerged> {
    const { survivorId, duplicateId } = await this.get(mergeId);
    const unmerged = await this.dataSource.transaction(async (manager) => {
      const held = await lockCustomers(manager, [survivorId, duplicateId]);
      const merge = await store.findMerge(manager, mergeId);
      if (merge?.revertedAt) throw problems.alreadyReverted(merge.revertedAt);
      const [survivor, duplicate] = [held.get(survivorId), held.get(duplicateId)];
      if (!merge || !survivor || !duplicate) {
        await refuseLostKeys(manager, [survivorId, duplicateId]);
        throw problems.mergeErased();
      }
      if (survivor.mergedInto !== undefined) {
        const above = await survivorOf(manager, survivorId);
        throw problems.survivorMerged(above?.mergeId ?? '');
      }
      const later = await store.mergesSince(manager, merge);
      const undone = undo(survivor.customer, { id: mergeId, taken: store.valuesKept(merge) }, later);
      const at = new Date().toISOString();
      const written = await this.write(
        manager,
        { type: 'CustomersUnmerged', mergeId, at, traceparent },
        { before: survivor.customer, content: undone.content, changed: undone.restored, key: survivor.key },
        { before: duplicate.customer, content: duplicate.customer, changed: [], key: duplicate.key },
      );
      await store.endMerge(manager, mergeId, at, currentActor());
      await store.keepTaken(manager, undone.later);
      const { survivor: customer, duplicate: back, events } = written;
      const done: Unmerged = { customer, duplicate: back, kept: undone.kept, events };
      await remember(manager, keyed, answerToRevert(done), sealersOf(survivor, duplicate));
      return done;
    });
    this.relay.wake();
    return unmerged;
  }

  /** One event on the stream of each, the survivor's first. Both are held, so nobody else is quicker. */
  private async write(
    manager: EntityManager,
    step: Pick<MergeStep, 'type' | 'at'> & { mergeId: string; traceparent?: string | undefined },
    survivor: Becoming,
    duplicate: Becoming,
  ): Promise<{ survivor: Customer; duplicate: Customer; events: CustomerEvent[] }> {
    const { type, at, mergeId, traceparent } = step;
    const ids = { mergeId, survivorId: survivor.before.id, duplicateId: duplicate.before.id };
    const [one, other] = ([survivor, duplicate] as const).map(({ before, content, changed, key }) => {
      const role = before.id === ids.survivorId ? ('survivor' as const) : ('duplicate' as const);
      const fact = mergeFact(before, content, { type, at, changed, members: { role, ...ids } });
      return {
        customer: fact.current,
        fromVersion: before.version,
        events: [eventOf(fact, key, traceparent)],
      };
    }) as [Told, Told];
    const written = await this.writer.update(manager, [one, other]);
    if (written.size !== 2) throw new Error(`merge ${mergeId}: the customers were held, but not written`);
    return { survivor: one.customer, duplicate: other.customer, events: [...one.events, ...other.events] };
  }
}

/** Everybody whose values an answer about these customers may have, each once. */
function sealersOf(...customers: readonly KeyedCustomer[]): Sealer[] {
  const keys = new Map<string, Uint8Array>();
  for (const { customer, key } of customers) {
    keys.set(customer.id, key.own);
    for (const lender of key.lent) keys.set(lender.customerId, lender.key);
  }
  return [...keys].map(([id, key]) => ({ id, key }));
}

/** Nobody could write to a customer any more who has more than a customer may have. */
function refuseTooMuch({ preferences, consents }: CustomerContent): void {
  if (Object.keys(preferences).length > mostPreferences) {
    throw problems.tooMany('preferences', mostPreferences);
  }
  if (Object.keys(consents).length > mostConsents) throw problems.tooMany('consents', mostConsents);
}

interface Told {
  customer: Customer;
  fromVersion: number;
  events: CustomerEvent[];
}

/** Both customers, held until the transaction ends, and neither of them somebody's duplicate. */
async function holdForMerge(manager: EntityManager, survivorId: string, duplicateId: string): Promise<Pair> {
  const held = await lockCustomers(manager, [survivorId, duplicateId]);
  const [survivor, duplicate] = [held.get(survivorId), held.get(duplicateId)];
  if (!survivor) throw await absentForWriting(manager, survivorId);
  if (!duplicate) {
    await refuseLostKeys(manager, [duplicateId]);
    throw problems.duplicateNotFound(duplicateId);
  }
  for (const { mergedInto, customer } of [survivor, duplicate]) {
    if (mergedInto !== undefined) throw await absentForWriting(manager, customer.id);
  }
  return { survivor, duplicate };
}

/** Who lent the duplicate a value that it hands on. */
function lenderOf(
  { key }: KeyedCustomer,
  { path, value }: { path: string; value: unknown },
): Lent | undefined {
  return key.lent.find(({ values }) => values.has(path) && isDeepStrictEqual(values.get(path), value));
}

/** What is taken of a duplicate, by whose it is. */
function lentBy({ customer, key }: KeyedCustomer, taken: readonly store.TakenOf[]): Lent[] {
  const keys = new Map([
    [customer.id, key.own],
    ...key.lent.map((one) => [one.customerId, one.key] as const),
  ]);
  return [...keys].map(([customerId, own]) => {
    const theirs = taken.filter(({ origin }) => origin === customerId);
    return { customerId, key: own, values: new Map(theirs.map(({ path, value }) => [path, value])) };
  });
}
